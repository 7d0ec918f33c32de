"""Theory beside measurement: how large a learning rate gradient descent bears near the optimum."""

PLAIN = {"class", "momentum", "nesterov"}  # arguments of Keras's SGD that the formulas know


def limit(training: dict, floor: dict, settings: dict) -> float | None:
    """Return the learning rate beyond which gradient descent leaves the optimum, or None where theory has none.

    With λ the largest eigenvalue of the loss's Hessian at the optimum, `floor["curvature"]`: 2/λ; with momentum β
    2(1 + β)/λ; with Nesterov's 2(1 + β)/((1 + 2β)λ). Cohen et al. (2021), "Gradient descent on neural networks
    typically occurs at the edge of stability", appendix B. Exact for batches of all training rows; smaller batches,
    whose own curvature varies about the table's, grow unsteady below it. None for networks with hidden layers,
    optimizers that scale each weight's steps or change the rate, and separable classes, which have no optimum.

    `training` names the network and the optimizer, `settings` has the `logistic` networks' names and the `optimizers`'
    definitions.
    """
    optimizer = settings["definitions"]["optimizer"][training["optimizer"]]
    known = optimizer["class"] == "SGD" and set(optimizer) <= PLAIN
    if not is_logistic(training["network"], settings) or not known or floor["curvature"] is None:
        return None
    momentum = optimizer.get("momentum", 0.0)
    shrunk = 1 + 2 * momentum if optimizer.get("nesterov") else 1
    return 2 * (1 + momentum) / (shrunk * floor["curvature"])


def is_logistic(network: str, settings: dict) -> bool:
    """Return whether a network has no hidden layers, by what the study's `definitions` say of it."""
    return not settings["definitions"]["network"][network]["hidden"]
