"""TensorFlow and Keras, imported without what nobody here calls: more than half of their import time.

Keras imports scikit-learn, SciPy, pandas and Matplotlib for wrappers and plots, where they happen to be installed.
TensorFlow imports its first version, its old Keras, TF Lite and what is for clusters, TPUs and tests.

What a user has set for other work, in the environment or in ~/.keras/keras.json, does not reach a study.
"""

import os

from lrstudy.files.imports import until_called, without

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the networks are far too small for a GPU to pay
for _flags in ("XLA_FLAGS", "TF_XLA_FLAGS"):
    os.environ.pop(_flags, None)

_API = (
    "__internal__.distribute.combinations", "__internal__.feature_column", "compat.v1", "compat.v2",
    "distribute.experimental", "experimental.numpy", "feature_column", "lite", "profiler", "test", "tpu",
)  # fmt: skip
_PUT_OFF = (
    *(f"tensorflow._api.v2.{name}" for name in _API),
    "tensorflow.python.keras.layers.rnn_cell_wrapper_v2",
    "tensorflow.python.training.learning_rate_decay",
    "requests",
)
with without("sklearn", "scipy", "matplotlib", "pandas", "IPython", "h5py", "PIL"), until_called(*_PUT_OFF):
    import keras
    import tensorflow as tf
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)

__all__ = ["keras", "tf"]
