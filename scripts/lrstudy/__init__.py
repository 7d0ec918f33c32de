"""What the scripts beside this package call: one subpackage for each stage of a study.

Imports go one way: `files` uses none of the others, `data`, `evidence`, `training` and `figures` use those before them,
and `plan` reads the config. Large libraries are imported by the modules that need them, and by no other.
"""
