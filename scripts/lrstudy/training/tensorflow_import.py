"""TensorFlow, imported before Keras, which takes it as its backend then."""

import os

from lrstudy.training import environment  # noqa: F401  # before TensorFlow, which reads it

os.environ["KERAS_BACKEND"] = "tensorflow"  # TensorFlow imports Keras

import tensorflow  # isort: skip
import keras  # isort: skip

if keras.config.backend() != "tensorflow":
    raise ImportError("Keras runs on JAX here already; import this module before Keras, or in a process of its own")

__all__ = ["tensorflow"]
