"""JAX, imported with the settings that every study has; before Keras, whose backend it is."""

from lrstudy.training.keras_import import keras  # sets the environment that JAX reads

import jax  # isort: skip
from jax import lax  # isort: skip
from jax import numpy as jnp  # isort: skip

__all__ = ["jax", "jnp", "keras", "lax"]
