"""Studies of learning rates, for the workflow's scripts: config, data, training, statistics and figures."""
