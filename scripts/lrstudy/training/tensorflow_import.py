"""TensorFlow, imported before Keras, which takes it as its backend then."""

from lrstudy.training import environment  # noqa: F401  # before TensorFlow, which reads it

import tensorflow  # isort: skip

__all__ = ["tensorflow"]
