"""The config, checked and spelled out into trainings, paths and what each rule is given. Nothing else reads it."""
