"""The jobs of a run as plain values: which there are, and what each rests on."""

from dataclasses import dataclass

from lrstudy.files import labels
from lrstudy.plan.run import Run


@dataclass(frozen=True)
class Job:
    """One job: its rule, its dataset, and the program, training or study it is about."""

    rule: str
    dataset: str = ""
    item: str = ""

    def path(self, pattern: str) -> str:
        """Return the file that a rule's pattern, such as `results/{dataset}/prepared.parquet`, means for this job."""
        return pattern.format(dataset=self.dataset, program=self.item, training=self.item, study=self.item)


# The rules that each rule takes its files from, for the same dataset and study. A test holds this to the rules.
UPSTREAM = {
    "fetch": (),
    "overview": ("fetch",),
    "prepare": ("fetch",),
    "baseline": ("prepare",),
    "descend": ("prepare",),
    "compile": ("prepare",),
    "train": ("prepare", "compile"),
    "collect": ("train",),
    "summarise": ("collect", "baseline"),
    "plot": ("collect",),
    "recommend": ("collect", "baseline"),
    "plot_rates": ("summarise", "recommend"),
    "plot_map": ("summarise", "recommend"),
    "plot_times": ("collect",),
    "plot_few_seeds": ("recommend",),
    "compare": ("collect", "baseline"),
    "budget": ("collect", "baseline"),
    "variance": ("prepare", "compile", "recommend"),
    "range_test": ("prepare", "compile"),
    "audit": ("collect", "range_test"),
    "vega": (),
    "page": ("overview", "baseline", "collect", "summarise", "vega"),
}
# And those that it takes files from where the study has them.
WHERE_MADE = {"plot": ("recommend",), "page": ("recommend", "budget", "compare", "audit", "variance", "descend")}
OF_A_DATASET = ("fetch", "overview", "prepare", "baseline", "descend")
DRAWN = ("plot", "plot_rates", "plot_map", "plot_times", "plot_few_seeds", "vega", "page")  # make no table
FOR_DATASETS = ("fetch", "prepare", "overview", "baseline")  # what is said about a dataset before any training


def rests_on(run: Run, job: Job) -> list[Job]:
    """Return the jobs whose files a job reads."""
    found: list[Job] = []
    if job.rule == "tabulate":
        return [Job("recommend", dataset, study) for study, dataset in run.recommending]
    if job.rule == "manifest":
        found = [Job(rule, job.dataset) for rule in FOR_DATASETS]
        for name in filter(None, job.item.split(",")):
            each = [Job(name, job.dataset)] if name in OF_A_DATASET else of_study(run, name)
            found += [made for made in each if made.dataset == job.dataset and made.rule not in DRAWN]
        return found
    for rule in (*UPSTREAM[job.rule], *where_made(run, job)):
        if rule in OF_A_DATASET:
            found.append(Job(rule, job.dataset))
        elif rule == "vega":
            found.append(Job(rule))
        elif rule == "train":
            study = run.studies[job.dataset][job.item]
            found += [Job("train", job.dataset, labels.path_of(training)) for training in study.trainings]
        elif rule == "compile":
            found.append(Job("compile", job.dataset, program_of(run, job)))
        else:
            found.append(Job(rule, job.dataset, job.item))
    return found


def program_of(run: Run, job: Job) -> str:
    """Return the program of a training, or of a study that varies nothing a program is made from."""
    training = job.item if job.rule == "train" else labels.path_of(run.studies[job.dataset][job.item].trainings[0])
    return labels.program_of(training)


def where_made(run: Run, job: Job) -> list[str]:
    """Return the rules of `WHERE_MADE` that make something for a job's study; descent is shown beside an answer."""
    wanted = WHERE_MADE.get(job.rule, ())
    made = rules_of(run, job.item) if wanted else []
    return [rule for rule in wanted if rule in made or (rule == "descend" and "recommend" in made)]


def all_behind(run: Run, jobs: list[Job]) -> list[Job]:
    """Return the jobs and all that they rest on, each once."""
    found: dict[Job, None] = {}
    waiting = list(jobs)
    while waiting:
        job = waiting.pop()
        if job not in found:
            found[job] = None
            waiting += rests_on(run, job)
    return list(found)


def of_dataset(run: Run) -> list[Job]:
    """Return what is said about every dataset before any training."""
    return [Job(rule, dataset) for dataset in run.datasets for rule in FOR_DATASETS]


def of_study(run: Run, name: str) -> list[Job]:
    """Return the jobs whose files are what a study is made of, for every dataset of the config."""
    return [Job(rule, dataset, name) for dataset in run.datasets for rule in rules_of(run, name)]


def rules_of(run: Run, name: str) -> list[str]:
    """Return the rules that make a study's files: more of them, the more it varies."""
    study = run.study(name)
    others = set(study.vary) - {"learning_rate"}
    rules = ["collect", "summarise", "plot"]
    if study.answers:
        rules += ["recommend", "plot_rates"]
    if others:
        rules += ["compare"]
    if study.ranges:
        rules += ["plot_times", "plot_few_seeds", "budget"]
    if study.ranges and not others:
        rules += ["range_test", "audit"]
    if study.ranges and not others and study.trainings[0]["split"] == "each":
        rules += ["variance"]
    if study.ranges and others == {"batch_size"}:
        rules += ["plot_map"]
    return [*rules, "page"]


def descents(run: Run) -> list[Job]:
    """Return the path of gradient descent for every dataset of the config."""
    return [Job("descend", dataset) for dataset in run.datasets]
