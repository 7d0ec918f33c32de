"""Fetches, verifies, scales and splits tables, and computes the reference values that trainings are compared with."""
