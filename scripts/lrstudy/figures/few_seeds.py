"""How likely a study of few seeds picks a learning rate that is clearly worse than the best."""

from matplotlib.figure import Figure

from lrstudy import labels
from lrstudy.figures import style
from lrstudy.statistics.grids import FEW_SEEDS


@style.applied()
def draw(recommendation: dict, study: dict) -> Figure:
    """Return the probability of a wrong choice over the number of seeds, one line per value of what else varies."""
    groups = recommendation.get("by") or {"": recommendation}
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    looks = zip(style.colours(len(groups), ordered=True), style.gapped(len(groups)), strict=True)
    for (name, answer), (colour, dashes) in zip(groups.items(), looks, strict=True):
        known = {int(seeds): share for seeds, share in answer["seeds_needed"].items() if share is not None}
        axes.plot(list(known), list(known.values()), marker="o", color=colour, linestyle=dashes, label=name)
    axes.set(xscale="log", ylim=(-0.02, 1.02), xlabel="seeds in the study")
    axes.set_xticks(FEW_SEEDS, labels=map(str, FEW_SEEDS))
    axes.minorticks_off()
    axes.set_ylabel(
        f"probability of a rate whose\nloss is over {100 * study['statistics']['epsilon']:g} % above the best"
    )
    if len(groups) > 1:
        axes.legend(title=" and ".join(name for name in study["vary"] if name != "learning_rate").replace("_", " "))
    style.title(figure, f"{study['title']}: {labels.named(study['dataset'], study['simulated'])}")
    resamples = study["statistics"]["resamples"]
    gaps = style.GAPS_SENTENCE if len(groups) > 1 else ""
    style.caption(
        figure,
        f"{resamples} draws with replacement from {study['seeds']} seeds, whose mean is taken as the truth.{gaps} "
        f"{labels.held_fixed(study)}",
    )
    return figure
