"""Trainings as jobs of a Slurm cluster, through submitit."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import submitit

from haresreid.files.files import write_json
from haresreid.files.text_files import read_json

from .runs import Run
from .schedule import Start

__all__ = ['ClusterJob', 'Training', 'cluster_start']

JOBS = dict(slurm=submitit.SlurmJob, local=submitit.LocalJob)
DEFAULTS = dict(name='haresreid', timeout_min=24 * 60, cpus_per_task=5, gpus_per_node=1)
LOST = -1  # the exit code of a job of which Slurm knows no result


def cluster_start(folder: Path, options: dict, cluster: str = 'slurm') -> Start:
    """A function that submits a training, or takes up the job that an earlier command submitted for it.

    Args:
        folder (Path): Where submitit keeps its files; all nodes must see it under this path.
        options (dict): Of submitit's ``update_parameters``, such as ``slurm_partition``; they replace ``DEFAULTS``.
        cluster (str): 'slurm', or 'local' for processes of this machine. Defaults to 'slurm'.

    Raises:
        ValueError: If this machine does not submit to Slurm, or there is no such option.
    """
    if cluster == 'slurm' and shutil.which('srun') is None:
        raise ValueError('--executor slurm wants srun, which is not here: start the command where jobs are submitted')
    executor = submitit.AutoExecutor(folder, cluster=cluster)
    try:
        executor.update_parameters(**{**DEFAULTS, **options})
    except (NameError, TypeError, ValueError) as error:
        raise ValueError(f'--cluster {" ".join(f"{key}={value}" for key, value in options.items())}: {error}') from None

    def start(run: Run) -> ClusterJob:
        record = run.folder / 'job.json'
        if record.exists():
            job = JOBS[cluster](folder, read_json(record)['job'])
            if not job.done(force_check=True):
                return ClusterJob(job)
        job = executor.submit(Training(run.command, run.log))
        write_json(record, dict(job=job.job_id))
        return ClusterJob(job)

    return start


class ClusterJob:
    """A submitted training; it outlives the command that submitted it, unless that command ends it."""

    def __init__(self, job: submitit.Job) -> None:
        self.job = job

    def poll(self) -> int | None:
        """The exit code of the training, or ``LOST``; None while it waits or is at work."""
        if not self.job.done():
            return None
        try:
            return self.job.result()
        except Exception:  # submitit's errors, and whatever the job raised
            return LOST

    def end(self) -> None:
        """Cancel it."""
        self.job.cancel()


class Training:
    """What a job runs: a training whose output is appended to its log.

    A job that Slurm preempts or ends for its time is submitted again, and goes on from the last checkpoint.

    Args:
        command (Sequence[str]): The command of a :class:`Run`.
        log (Path): Its log.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.command, self.log = command, log

    def __call__(self) -> int:
        """The exit code."""
        cores = os.environ.get('SLURM_CPUS_PER_TASK')
        environment = {**({'OMP_NUM_THREADS': cores} if cores else {}), **os.environ}
        with open(self.log, 'ab') as log:
            return subprocess.run(
                self.command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            ).returncode

    def checkpoint(self) -> submitit.helpers.DelayedSubmission:
        """What submitit submits in its place."""
        return submitit.helpers.DelayedSubmission(self)
