"""What Keras, JAX and TensorFlow read from the environment as they are imported: the same for every study.

What a user has set for other work does not reach a study.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no notes on the processor in a job's log, which ends in our errors
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the networks are far too small for a GPU to pay
os.environ["JAX_PLATFORMS"] = "cpu"
# The order in which JAX counts random numbers: this one compiles in a third of the time of the other.
os.environ["JAX_THREEFRY_PARTITIONABLE"] = "0"
for _flags in ("XLA_FLAGS", "TF_XLA_FLAGS"):
    os.environ.pop(_flags, None)  # they change what the compiler makes; an unknown one ends the process
