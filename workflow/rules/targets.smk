# A study is run by its name as a target; `everything` runs them all.


for study in STUDIES:

    rule:
        """Make the study of this name."""
        name:
            study
        input:
            study_files(study),


rule everything:
    """Make every study in config/studies."""
    input:
        dataset_files(),
        [study_files(study) for study in STUDIES],
