"""Draws the figures of a study, one module for each figure, and builds its pages."""
