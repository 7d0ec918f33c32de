"""How learning-rate-study does its work: pure functions that the scripts beside this package call.

A room for each stage of the data's way, and each room stands above what it uses: `files` at the ground, then
`data`, `evidence`, `training`, `figures`; `plan` reads the config. Nothing is imported before it is used:
TensorFlow, pandas and Matplotlib only by the modules that need them, so that a job pays for what it needs.
"""

import gc

# Libraries make hundreds of thousands of objects when they are imported, and drop next to none: with Python's own
# thresholds, looking for what can go takes a tenth of a job.
gc.set_threshold(50_000, 20, 20)
