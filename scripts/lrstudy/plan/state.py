"""What lies in the working folder of what a run would make: which jobs' files fit, and which are there and do not."""

from collections.abc import Iterable
from pathlib import Path

from lrstudy.files import records
from lrstudy.plan.digests import Digests
from lrstudy.plan.jobs import Job, all_behind, rests_on


class State:
    """The state of the files of a run's jobs, each looked at once."""

    def __init__(self, digests: Digests):
        self.digests, self.files_of = digests, digests.files_of
        self._fits: dict[Job, bool] = {}
        self._settled: dict[Job, bool] = {}

    def fits(self, job: Job) -> bool:
        """Return whether all files of a job are there, made from what today's config asks, and as they were made."""
        if job not in self._fits:
            paths, checksums = self.files_of(job), self.digests.checksums
            self._fits[job] = all(map(records.written, paths)) and all(
                records.fits(path, self.digests.of(job), checksums) for path in paths
            )
        return self._fits[job]

    def settled(self, job: Job) -> bool:
        """Return whether a job's files fit, so that it need not run even where what it rests on has to be made again.

        That is so where files have gone, which will come back as they were; not where there are others in their place.
        """
        if job not in self._settled:
            behind = rests_on(self.digests.run, job)
            self._settled[job] = self.fits(job) and all(self.settled(each) or self._gone(each) for each in behind)
        return self._settled[job]

    def _gone(self, job: Job) -> bool:
        return not any(Path(path).exists() for path in self.files_of(job))

    def wrong(self, job: Job) -> list[str]:
        """Return the files of a job that are there where they do not all fit."""
        return [] if self.fits(job) else [path for path in self.files_of(job) if Path(path).exists()]

    def lost(self, jobs: Iterable[Job]) -> list[str]:
        """Return the files behind jobs that are gone and whose records are still there: a failed job took them."""
        unfit = (job for job in all_behind(self.digests.run, list(jobs)) if not self.fits(job))
        paths = (path for job in unfit for path in self.files_of(job))
        return [path for path in paths if not Path(path).exists() and records.path_of(path).exists()]
