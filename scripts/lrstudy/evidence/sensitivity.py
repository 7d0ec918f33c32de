"""How much the choice of the learning rate matters: the loss over its whole range, above the best."""

import numpy as np

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


def sensitivity_of_study(rates, losses, means, confidence) -> dict | None:
    if len(rates) == 1:
        return None
    bounds = interval(sensitivity(rates, means), confidence)
    return {
        "value": sensitivity(rates, losses.mean(axis=1)),
        "interval": bounds if losses.shape[1] > 1 else None,
        "range": rates[[0, -1]],
    }
