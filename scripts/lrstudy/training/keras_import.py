"""TensorFlow and Keras, imported with the settings that every study has.

What a user has set for other work, in the environment or in ~/.keras/keras.json, does not reach a study. Both libraries
read the environment when they are imported, so that it is set before.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no notes on the processor in a job's log, which ends in our errors
os.environ["KERAS_BACKEND"] = "tensorflow"  # the one backend that the studies are defined with
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the networks are far too small for a GPU to pay
for _flags in ("XLA_FLAGS", "TF_XLA_FLAGS"):
    os.environ.pop(_flags, None)  # they change what the compiler makes; an unknown one ends the process

import keras  # noqa: E402  # after the environment
import tensorflow as tf  # noqa: E402

# What ~/.keras/keras.json may say otherwise.
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)

__all__ = ["keras", "tf"]
