"""How learning-rate-study does its work: pure functions that the scripts beside this package call.

The package imports nothing by itself; TensorFlow, pandas and Matplotlib are imported only by the modules
that use them, so that a job pays for what it needs and no more.
"""
