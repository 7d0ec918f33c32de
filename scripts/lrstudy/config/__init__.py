"""Checks the config and expands it into trainings, paths and the settings of each rule."""
