"""The Slurm scripts, with a stand-in for srun that prints how it was called."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / 'tools'


@pytest.fixture
def srun(tmp_path):
    """Call a script: the arguments that srun gets, the port that its processes will see."""
    path = tmp_path / 'srun'
    path.write_text('#!/bin/sh\necho "$MASTER_PORT"\nprintf "%s\\n" "$@"\n')
    path.chmod(stat.S_IRWXU)

    def call(script: str, *arguments: str, **variables: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [TOOLS / script, *arguments],
            capture_output=True,
            text=True,
            check=True,
            env=dict(variables, PATH=f'{tmp_path}{os.pathsep}{os.environ["PATH"]}'),
        )
        port, *given = done.stdout.splitlines()
        return int(port), given

    return call


def test_eight_gpus_of_one_node_by_default(srun):
    port, given = srun('slurm_train.sh', 'gpus', 'a job', 'config.py', 'work dir', '--amp')
    assert given == [
        '--partition=gpus',
        '--job-name=a job',
        '--gres=gpu:8',
        '--ntasks=8',
        '--ntasks-per-node=8',
        '--cpus-per-task=5',
        '--kill-on-bad-exit=1',
        'python',
        '-u',
        f'{TOOLS}/train.py',
        'config.py',
        '--work-dir',
        'work dir',
        '--launcher',
        'slurm',
        '--amp',
    ]
    assert 20000 <= port < 30000


def test_four_processes_on_the_cpus_of_two_nodes(srun):
    port, given = srun(
        'slurm_test.sh',
        'cpus',
        'job',
        'config.py',
        'epoch_1.pth',
        '--flip',
        GPUS='4',
        GPUS_PER_NODE='2',
        CPUS_PER_TASK='1',
        GRES='',
        SRUN_ARGS='--time=10 --quiet',
        PORT='30001',
    )
    assert given == [
        '--partition=cpus',
        '--job-name=job',
        '--ntasks=4',
        '--ntasks-per-node=2',
        '--cpus-per-task=1',
        '--kill-on-bad-exit=1',
        '--time=10',
        '--quiet',
        'python',
        '-u',
        f'{TOOLS}/test.py',
        'config.py',
        'epoch_1.pth',
        '--launcher',
        'slurm',
        '--flip',
    ]
    assert port == 30001
