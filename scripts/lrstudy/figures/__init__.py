"""One module a figure, in one style."""
