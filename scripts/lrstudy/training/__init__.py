"""Compiles training programs, trains all seeds of a training at once, and checks the results against Keras's fit."""
