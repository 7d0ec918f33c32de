"""TensorFlow, imported before Keras, which takes it as its backend then."""

import os

from lrstudy.training import environment  # noqa: F401  # before TensorFlow, which reads it

os.environ["KERAS_BACKEND"] = "tensorflow"  # TensorFlow imports Keras

import tensorflow  # isort: skip

__all__ = ["tensorflow"]
