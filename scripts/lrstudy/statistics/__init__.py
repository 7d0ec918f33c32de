"""Computes statistics, the recommended learning rate and comparisons from the histories of a study's trainings."""
