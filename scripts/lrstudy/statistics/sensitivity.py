"""How much the choice of the learning rate matters: the loss over its whole range, above the best."""

import numpy as np

from lrstudy.evidence.new_rows import drawn_means
from lrstudy.evidence.resampling import interval


def sensitivity(rates: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Return the learning-rate sensitivity over the range from the lowest to the highest of `rates`.

    The mean over log-uniform rates η of min(ℓ(η), ℓ0) − min ℓ, after Wortsman et al. (2023), "Small-scale
    proxies for large-scale Transformer training instabilities". `losses` (..., rates) are means of capped
    losses at ascending rates; between two of them the loss is taken as linear in log η.
    """
    excess = losses - losses.min(axis=-1, keepdims=True)
    decades = np.log10(rates)
    return np.trapezoid(excess, decades, axis=-1) / (decades[-1] - decades[0])


def sensitivity_of_study(rates: np.ndarray, losses: np.ndarray, shared: float, rules: dict) -> dict | None:
    """Return the sensitivity to `rates` of `losses` (rates, seeds), its interval (see `new_rows`) and the range."""
    if len(rates) == 1:
        return None
    several = losses.shape[1] > 1
    drawn = sensitivity(rates, drawn_means(losses, shared, rules["resamples"])) if several else None
    return {
        "value": sensitivity(rates, losses.mean(axis=1)),
        "interval": interval(drawn, rules["confidence"]) if drawn is not None else None,
        "range": rates[[0, -1]],
    }
