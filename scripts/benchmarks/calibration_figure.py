"""How often the answer is right where the truth is known."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrstudy.figures import style

COVERAGES = {
    "new rows": "loss on new rows",
    "range": "best in the range",
    "cost 0.1": "cost of ÷10",
    "cost 1/3": "cost of ÷3",
    "cost 3": "cost of ×3",
    "cost 10": "cost of ×10",
    "regret bound": "regret's bound",
}
REGRETS = {"median regret": "median", "95 % regret": "95th percentile"}
NAMES = {"standin": "stand-in", "three": "three classes", "insurance": "person-years"}
AIM = (93, 97)  # % of tables, at a confidence of 95 %


@style.applied()
def draw(rows: list[dict]) -> Figure:
    """Return coverages above and regrets below, a column for each population, a marker for each size of table.

    `rows` are those of docs/calibration.csv. Sizes stand from the largest to the smallest.
    """
    populations = list(dict.fromkeys(row["population"] for row in rows))
    figure = Figure(figsize=(20 / 3, 6.6), layout="constrained")
    panels = figure.subplots(2, len(populations), sharex="row", sharey="row", height_ratios=[7, 2.4], squeeze=False)
    alone = [100 * float(row["value"]) for row in rows if row["measure"] == "seeds alone"]
    lowest = min([100 * float(row["low"]) for row in rows if row["measure"] in COVERAGES] + [AIM[0]])
    for place, population in enumerate(populations):
        own = [row for row in rows if row["population"] == population]
        above, below = panels[:, place]
        above.axvspan(*AIM, color="#000000", alpha=0.12, linewidth=0)
        for axes, measures in ((above, COVERAGES), (below, REGRETS)):
            _draw_measures(axes, own, list(measures))
            axes.set(yticks=range(len(measures)), ylim=(len(measures) - 0.5, -0.5))
            axes.set_yticklabels(measures.values())
        above.set_title(NAMES[population], fontsize=13)
        above.set(xticks=[80, 90, 100], xlim=(min(lowest - 0.5, 89), 101))
        below.set_xscale("symlog")
        below.set(xticks=[0, 1, 10, 100], xlim=(-0.3, None))
        below.xaxis.set_major_formatter(style.plain)
    middle = panels[:, len(populations) // 2]
    for axes, label in zip(middle, ("right, % of tables", "regret, % of the lowest loss"), strict=True):
        axes.set_xlabel(label, fontsize=12)
    handles, _ = panels[0, 0].get_legend_handles_labels()
    sizes = ["1000 rows or more", "300 rows", "100 rows"][: len(handles)]
    figure.legend(handles, sizes, loc="outside lower center", ncols=3, fontsize=12, columnspacing=1, handletextpad=0.2)
    tables = min(int(row["tables"]) for row in rows)
    figure.suptitle(
        f"How often the answer is right ({tables} tables of each kind)\n"
        f"shaded: the aim; a bootstrap over seeds alone: {min(alone):.0f} to {max(alone):.0f} %",
        fontsize=13,
    )
    return figure


def _draw_measures(axes: Axes, rows: list[dict], measures: list[str]) -> None:
    """Draw a marker with its interval for each measure and size, sizes one below the other."""
    sizes = sorted({int(row["rows"]) for row in rows}, reverse=True)
    for place, size in enumerate(sizes):
        found = {row["measure"]: row for row in rows if int(row["rows"]) == size}
        value, low, high = (
            [100 * float(found[measure][key]) for measure in measures] for key in ("value", "low", "high")
        )
        ends = [[a - b for a, b in zip(one, other, strict=True)] for one, other in ((value, low), (high, value))]
        where = [number + (place - (len(sizes) - 1) / 2) * 0.26 for number in range(len(measures))]
        colour, marker = style.COLOURS[place], "osD"[place]
        axes.errorbar(value, where, xerr=ends, fmt=marker, color=colour, markersize=6, linewidth=2, label=str(size))
    axes.tick_params(labelsize=12)
