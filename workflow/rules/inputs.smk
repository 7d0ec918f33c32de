# Input files that depend on more than a pattern, and the memory that jobs ask for.


def standin_of(wildcards):
    """Return the file of parameters that a simulated dataset is drawn from, or nothing for a measured one."""
    entry = RUN.datasets[wildcards.dataset]
    return [str(HERE / entry["standin"])] if "standin" in entry else []


def program_of(wildcards):
    """Return the program that a training runs."""
    return f"results/{wildcards.dataset}/programs/{labels.program_of(wildcards.training)}/program.zip"


def program_of_study(wildcards):
    """Return the program of a study that varies nothing which a program is made from."""
    return files_of(
        Job("compile", wildcards.dataset, jobs.program_of(RUN, Job("collect", wildcards.dataset, wildcards.study)))
    )[0]


def histories_of(wildcards):
    """Return the cached histories of a study's trainings, in the config's order."""
    return files_of(*jobs.rests_on(RUN, Job("collect", wildcards.dataset, wildcards.study)))


def where_made(rule):
    """Return a function of wildcards that gives the files which a rule takes where its study has them, by name."""

    def files(wildcards):
        job = job_of(rule, wildcards)
        made = [
            Job(each, job.dataset, "" if each in jobs.OF_A_DATASET else job.item) for each in jobs.where_made(RUN, job)
        ]
        return {Path(path).stem: path for path in files_of(*made) if not path.endswith(".png")}

    return files


def tables_of(wildcards):
    """Return every table of a dataset that its manifest lists."""
    behind = jobs.all_behind(RUN, jobs.rests_on(RUN, job_of("manifest", wildcards)))
    return sorted(path for path in files_of(*behind) if path.endswith((".csv", ".json", ".parquet")))


def manifest_settings(wildcards, input):
    """Return the config that a manifest shows, and the digest that each of its tables' records should bear."""
    job = job_of("manifest", wildcards)
    behind = jobs.all_behind(RUN, jobs.rests_on(RUN, job))
    digests = {path: DIGESTS.of(each) for each in behind for path in files_of(each)}
    return {"config": given.given(RUN, job), "digests": digests}


def recommendations(wildcards):
    """Return the recommendations that a table puts side by side."""
    return files_of(*jobs.rests_on(RUN, Job("tabulate")))


def memory_of_fetch(wildcards):
    """Return the MB that a job needs to read the user's own file.

    How large a download is, nobody knows beforehand; `--set-resources fetch:mem_mb=8000` makes room for a large one.
    """
    files = [path for path in DIGESTS.own_files(wildcards.dataset).values() if path.is_file()]
    return 1000 + 4 * sum(path.stat().st_size for path in files) // 10**6


def megabytes(job):
    """Return the size of a job's first file, the table, 0 before it is made: Snakemake asks again once it is.

    Snakemake's own `input.size_mb` starts an event loop for each job, a fifth of the time of a large plan.
    """
    path = Path(files_of(job)[0])
    return path.stat().st_size // 10**6 if path.exists() else 0


def memory_of_table(wildcards):
    """Return the MB that a job needs to read its table: measured three times its file's, plus the libraries."""
    return 1000 + 4 * megabytes(Job("fetch", wildcards.dataset))


def memory_of_training(wildcards):
    """Return the MB that a job of the training rows needs: measured ten times the prepared file's, and its histories."""
    epochs = RUN.trainings[wildcards.training]["epochs"] + 1 if "training" in wildcards.keys() else 0
    rows = megabytes(Job("prepare", wildcards.dataset))
    return 2000 + 10 * rows + 80 * RUN.config["seeds"] * epochs // 10**6


def memory_of_study(wildcards):
    """Return the MB that a job of a study's histories needs: measured 45 bytes a seed and epoch, plus the libraries."""
    trainings = RUN.studies[wildcards.dataset][wildcards.study].trainings
    return 1000 + 60 * RUN.config["seeds"] * sum(training["epochs"] + 1 for training in trainings) // 10**6
