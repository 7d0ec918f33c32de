"""How the tools start Snakemake."""

import os


def environment() -> dict[str, str]:
    """Return the environment for Snakemake: without the path to our scripts, where `tabulate.py` hides a library."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
