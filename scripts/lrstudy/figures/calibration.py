"""How often the answer is right where the truth is known."""

from matplotlib.figure import Figure

from lrstudy.figures import style

COVERAGES = {
    "new rows": "interval for new rows",
    "seeds alone": "bootstrap over seeds",
    "range": "good range holds the best",
    "cost 0.1": "cost of a tenth",
    "cost 1/3": "cost of a third",
    "cost 3": "cost of three times",
    "cost 10": "cost of ten times",
    "regret bound": "bound of the regret",
}
NAMES = {"standin": "stand-in", "three": "three classes", "insurance": "person-years"}


def draw(rows: list[dict]) -> Figure:
    """Return the coverages on the left and the regrets on the right, a marker for each population and size.

    `rows` are those of docs/calibration.csv.
    """
    columns = list(dict.fromkeys((row["population"], row["rows"]) for row in rows))
    populations = list(dict.fromkeys(name for name, _ in columns))
    figure = Figure(figsize=(10, 6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[2, 1])
    for place, (name, size) in enumerate(columns):
        sizes = [each for population, each in columns if population == name]
        look = {"color": style.COLOURS[populations.index(name)], "fmt": "osD^v"[sizes.index(size)], "markersize": 5}
        shift = (place - (len(columns) - 1) / 2) * 0.08
        own = {row["measure"]: row for row in rows if (row["population"], row["rows"]) == (name, size)}
        for axes, measures in ((left, list(COVERAGES)), (right, ["median regret", "95 % regret"])):
            found = [[100 * float(own[measure][key]) for key in ("value", "low", "high")] for measure in measures]
            where = [number + shift for number in range(len(measures))]
            ends = [[value - low for value, low, _ in found], [high - value for value, _, high in found]]
            axes.errorbar([value for value, *_ in found], where, xerr=ends, label=f"{NAMES[name]}, {size} rows", **look)
    left.axvspan(93, 97, color="#009E73", alpha=0.15)
    left.set(
        xlabel="right, % of tables", xlim=(-2, 102), yticks=range(len(COVERAGES)), ylim=(len(COVERAGES) - 0.5, -0.5)
    )
    left.set_yticklabels(COVERAGES.values())
    right.set(xlabel="regret, %", xscale="symlog", xlim=(-0.2, None), yticks=[0, 1], ylim=(1.5, -0.5))
    right.set_yticklabels(["median", "95th percentile"])
    right.xaxis.set_major_formatter(style.plain)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
    tables = min(int(row["tables"]) for row in rows)
    style.title(figure, f"How often the answer is right: {tables} tables of each kind")
    return figure
