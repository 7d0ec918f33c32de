"""TensorFlow and Keras, imported without what Keras only uses where it happens to be installed.

Keras tries to import scikit-learn, SciPy, pandas and Matplotlib for wrappers and plots that nobody here calls;
that is nearly half of its import time.

What a user has set for other work, in the environment or in ~/.keras/keras.json, does not reach a study.
"""

import os

from lrstudy.files.imports import without

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the networks are far too small for a GPU to pay
for _flags in ("XLA_FLAGS", "TF_XLA_FLAGS"):
    os.environ.pop(_flags, None)

with without("sklearn", "scipy", "matplotlib", "pandas", "IPython"):
    import keras
    import tensorflow as tf
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)

__all__ = ["keras", "tf"]
