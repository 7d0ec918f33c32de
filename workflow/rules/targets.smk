# A study is run by its name as a target; `everything` runs them all.

for study in RUN.names:

    rule:
        """Make the study of this name."""
        name:
            study
        input:
            lambda wildcards, name=study: goal(name),

    # Under the name that it has here; as a module's it may be another.
    list(workflow.rules)[-1].docstring = f"Study: {RUN.study(study).title}."


rule chapter:
    """Make the studies of the lecture's whole chapter."""
    input:
        lambda wildcards: goal("chapter"),


rule everything:
    """Make every study in config/studies."""
    input:
        lambda wildcards: goal("everything"),
