"""TensorFlow and Keras, imported without what Keras only uses where it happens to be installed.

Keras tries to import scikit-learn, SciPy, pandas and Matplotlib for wrappers and plots that nobody here calls;
that is nearly half of its import time. While Keras is imported, those names are hidden from it.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the networks are far too small for a GPU to pay

_UNUSED = [name for name in ("sklearn", "scipy", "matplotlib", "pandas", "IPython") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_UNUSED))  # `None` there makes `import` raise ImportError
try:
    import keras
    import tensorflow as tf
finally:
    for _name in _UNUSED:
        del sys.modules[_name]

__all__ = ["keras", "tf"]
