"""One look for all figures: sizes, colours that colour-blind readers tell apart, and escaped text.

Matplotlib's settings belong to the whole process, and so to the notebook that may import this module. They are changed
only while a figure is drawn (`applied`) or saved.
"""

import contextlib
import os
import textwrap
from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler

from lrstudy.io import replacing

# The palette of Okabe and Ito (2008), "Color universal design"; yellow is left out, too pale for lines.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

# As in the page's charts: the lengths of dashes and gaps, in widths of the line; the first line has no gaps.
GAPS = ("-", (0, (9, 4)), (0, (6, 5)), (0, (4, 6)), (0, (2, 5)), (0, (7, 7)), (0, (1, 4)))
GAPS_SENTENCE = " Dashes: where lines lie on each other, the one below shows in the gaps."
FAILED = "a loss not finite, or a training that got nowhere or worse"


@contextlib.contextmanager
def applied() -> Iterator[None]:
    """Apply the look to what a block draws, or a function as its decorator: whatever a matplotlibrc of the user says.

    Afterwards the settings are again what they were.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "axes.prop_cycle": cycler(color=COLOURS),
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.grid": True,
                "axes.axisbelow": True,
                "grid.color": "#e5e5e5",
                "font.size": 11,
                "legend.frameon": False,
                "savefig.dpi": 120,
                "text.parse_math": False,  # a column called $x$ is shown as it is
            }
        )
        yield


def colours(count: int, ordered: bool) -> list:
    """Return `count` colours: distinct ones, or steps from dark to light where the values are ordered and many."""
    if count <= len(COLOURS) - 1:
        return list(COLOURS[:count])
    return steps(count) if ordered else list(mpl.colormaps["turbo"](np.linspace(0, 0.95, count)))


def steps(count: int) -> list:
    """Return `count` colours from dark to light, for values that are ordered."""
    return list(mpl.colormaps["viridis"](np.linspace(0, 0.9, count)))


def gapped(count: int) -> list:
    """Return `count` line styles, each with other gaps than those before it: no line hides one that it lies on."""
    return [GAPS[place % len(GAPS)] for place in range(count)]


def save(figure: Figure, path: str | os.PathLike) -> None:
    """Write a figure as PNG; equal figures give equal bytes."""
    with applied(), replacing(path) as temporary:
        figure.savefig(temporary, format="png", metadata={"Software": None})


def title(figure: Figure, text: str) -> None:
    """Put a title above the figure, in as many lines as it needs."""
    figure.suptitle(textwrap.fill(text, 70))


def caption(figure: Figure, text: str) -> None:
    """Put a small line of text under the figure: which data it shows and how many seeds."""
    text = textwrap.fill(text, round(16 * figure.get_figwidth()))
    figure.supxlabel(text, x=0.01, fontsize=8.5, color="#555555", ha="left")


def plain(number: float, _: float | None = None) -> str:
    """Return a tick's label without a power of ten where it is short."""
    return f"{number:g}" if number >= 1e-4 or number == 0 else f"{number:.0e}"


def label_log(axis: Axis) -> None:
    """Label the decades of a drawn logarithmic axis, of two or fewer also the 2 and the 5, of half a one every tick."""
    low, high = axis.get_view_interval()
    between = (2, 5) if high < 100 * low else ()

    def minor(number: float, _: float | None = None) -> str:
        digit = number / 10 ** np.floor(np.log10(number))
        return plain(number) if any(abs(digit - each) < 1e-6 for each in between) else ""

    axis.set_major_formatter(plain)
    axis.set_minor_formatter(plain if high <= 3 * low else minor)


def percent(share: float) -> str:
    """Return a share of 1 as a percentage: `57.9 %`."""
    return f"{100 * share:.1f} %"
