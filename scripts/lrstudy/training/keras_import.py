"""TensorFlow and Keras, imported without what Keras only uses where it happens to be installed.

Keras tries to import scikit-learn, SciPy, pandas and Matplotlib for wrappers and plots that nobody here calls;
that is nearly half of its import time. While Keras is imported, those names are hidden from it.

What a user has set for other work, in the environment or in ~/.keras/keras.json, does not reach a study.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the networks are far too small for a GPU to pay
for _flags in ("XLA_FLAGS", "TF_XLA_FLAGS"):
    os.environ.pop(_flags, None)

_UNUSED = [name for name in ("sklearn", "scipy", "matplotlib", "pandas", "IPython") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_UNUSED))  # type: ignore[arg-type]  # `None` there makes `import` raise ImportError
try:
    import keras
    import tensorflow as tf
finally:
    for _name in _UNUSED:
        del sys.modules[_name]
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)

__all__ = ["keras", "tf"]
