# What a user asks for by name: `all`, `chapter`, `everything`, and each study. A target prints its answers each time.


def answers_of(target):
    """Return the answers that a target prints."""
    return expand(rules.answer.output.answer, dataset=RUN.datasets, study=RUN.studies_of(target))


def files_of(target):
    """Return all other files of a target's studies, for every dataset of the config."""
    found = []
    for dataset, study in product(RUN.datasets, RUN.studies_of(target)):
        found += expand(rules.page.output, dataset=dataset, study=study)
        found += expand(rules.plot.output, figure=RUN.study(study).figures, dataset=dataset, study=study)
        found += expand(rules.audit.output if RUN.study(study).audits else [], dataset=dataset, study=study)
        found += expand(rules.variance.output if RUN.study(study).crosses else [], dataset=dataset, study=study)
        found += expand([] if target == "all" else rules.manifest_of_study.output, dataset=dataset, study=study)
    if target == "all":
        found += expand(rules.manifest.output, dataset=RUN.datasets)
        found += rules.compare_datasets.output if COMPARED else []
    return found


rule chapter:
    """Make the studies of the lecture's whole chapter."""
    input:
        answers=answers_of("chapter"),
        files=files_of("chapter"),
    localrule: True
    shell:
        PRINT


rule everything:
    """Make every study in config/studies."""
    input:
        answers=answers_of("everything"),
        files=files_of("everything"),
    localrule: True
    shell:
        PRINT


for study in RUN.names:

    rule:
        """Make the study of this name, a file in config/studies."""
        name:
            study
        input:
            answers=answers_of(study),
            files=files_of(study),
        localrule: True
        shell:
            PRINT
