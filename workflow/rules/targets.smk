# A study is run by its name as a target; `everything` runs them all.

CHAPTER = ["first_model", "learning_rates", "batch_sizes", "optimizers", "initializers"]

for study in STUDIES:

    rule:
        """Make the study of this name."""
        name:
            study
        input:
            study_files(study),


rule chapter:
    """Make the studies of the lecture's whole chapter."""
    input:
        dataset_files(),
        [study_files(study) for study in CHAPTER if study in STUDIES],
        descents(),


rule everything:
    """Make every study in config/studies."""
    input:
        dataset_files(),
        [study_files(study) for study in STUDIES],
        descents(),
