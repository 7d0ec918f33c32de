"""Snakemake's Slurm plugin, with one difference: one Snakemake runs all jobs of a group, in Slurm's batch step.

The plugin itself has each job of a group run by `srun` and a Snakemake of its own, whose start takes four times as long
as a training. Settings are the plugin's, `--slurm-batch-…` instead of `--slurm-…`. `make cluster` installs both.
"""

from snakemake_executor_plugin_slurm import Executor as SlurmExecutor
from snakemake_executor_plugin_slurm import ExecutorSettings, common_settings
from snakemake_interface_common.exceptions import WorkflowError

__all__ = ["Executor", "ExecutorSettings", "common_settings"]


class Executor(SlurmExecutor):
    """Submits as the plugin does; only what a Slurm job then runs is another."""

    def __post_init__(self) -> None:
        if self.workflow.executor_settings.array_jobs:
            raise WorkflowError("slurm-batch has no array jobs; leave --slurm-batch-array-jobs out")
        super().__post_init__()

    def additional_general_args(self) -> str:
        """Return what the Snakemake on the node is told: to run its jobs itself."""
        return "--executor local"

    def get_job_args(self, job) -> str:
        """Return what it is told of a job, or of a group: no more processors than Slurm gave it. The last one holds."""
        return f"{super().get_job_args(job)} --cores {job.threads}"
