"""How learning-rate-study does its work: pure functions that the scripts beside this package call.

A room for each stage of the data's way, and each room stands above what it uses: `files` at the ground, then
`data`, `evidence`, `training`, `figures`; `plan` reads the config. Nothing is imported before it is used:
TensorFlow, pandas and Matplotlib only by the modules that need them, so that a job pays for what it needs.
"""
