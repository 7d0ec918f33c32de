"""Keras, imported with the settings that every study has: on JAX, or on TensorFlow where that is imported already."""

import os
import sys

from lrstudy.training import environment  # noqa: F401  # before the libraries, which read it

os.environ["KERAS_BACKEND"] = "tensorflow" if "tensorflow" in sys.modules else "jax"

import keras  # after the environment

# What ~/.keras/keras.json may say otherwise.
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)
keras.config.set_image_data_format("channels_last")

__all__ = ["keras"]
