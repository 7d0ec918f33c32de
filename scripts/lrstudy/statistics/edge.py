"""A best rate at the edge of the grid, and the config line that extends it."""

import numpy as np

from lrstudy.files import labels

ROUNDED = 2.5e-3  # the log ratios of a log-spaced grid written with four digits differ by no more


def edge(rates: np.ndarray, best: int, settings: dict) -> dict | None:
    """Return None for a best rate inside the grid, else which end it is and the config line that extends the grid.

    `settings` may have `file` and `line`: where the study says its learning rates.
    """
    lower, upper = best == 0, best == len(rates) - 1
    if not (lower or upper):
        return None
    return {
        "side": "only" if lower and upper else "lowest" if lower else "highest",
        "file": settings.get("file", f"config/studies/{settings['study']}.yaml"),
        "line": settings.get("line"),
        "write": f"learning_rate: {extended(rates, lower, upper)}",
    }


def told(found: dict) -> str:
    """Return where to write what, to extend the grid."""
    where = f"{found['file']}, " + (f"line {found['line']}" if found["line"] else "under vary")
    return f"in {where}, write {found['write']}"


def extended(rates: np.ndarray, lower: bool, upper: bool) -> str:
    """Return the config text of a grid one decade longer at the chosen ends.

    A grid of at least three evenly log-spaced rates is written as `{log: [from, to, number]}`; any other as a
    list whose last step, a doubling at least, is repeated until it has covered a decade.
    """
    ratios = rates[1:] / rates[:-1] if len(rates) > 1 else np.array([10.0])
    even = len(rates) > 2 and np.ptp(np.log(ratios)) <= ROUNDED
    # The mean ratio of an even grid is free of the rounding of its rates.
    first, last = [ratios.prod() ** (1 / len(ratios))] * 2 if even else np.maximum(ratios[[0, -1]], 2)
    below = _further(rates[0], 1 / first) if lower else []
    above = _further(rates[-1], last) if upper else []
    written = [labels.plain(rate).removesuffix(".0") for rate in rates.tolist()]
    # With all their digits, since the rates between the ends of an even grid depend on them: the old ones stay.
    text = exact if even else short
    texts = [*map(text, reversed(below)), *written, *map(text, above)]
    return f"{{log: [{texts[0]}, {texts[-1]}, {len(texts)}]}}" if even else f"[{', '.join(texts)}]"


def _further(rate: float, ratio: float) -> list[float]:
    steps = int(np.ceil(1 / abs(np.log10(ratio)) - 1e-3))
    return [rate * ratio**step for step in range(1, steps + 1)]


def exact(number: float) -> str:
    """Write a number with ten digits, without zeros at the end and without an exponent."""
    return np.format_float_positional(number, precision=10, fractional=False, trim="-")


def short(number: float) -> str:
    """Write a number with at most four digits and no exponent: YAML would read 1e-05 as text."""
    return np.format_float_positional(number, precision=4, fractional=False, trim="-")
