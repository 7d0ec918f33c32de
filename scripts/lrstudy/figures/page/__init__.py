"""The answer as one page: a self-contained HTML file with linked charts, made from a study's files."""
