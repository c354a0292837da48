"""Jobs of submitit's local executor, with programs of a few lines in the place of trainings."""

import json
import sys
from types import SimpleNamespace

import pytest

from haresreid.reproduce import Recipe, Run, cluster, run_all, run_state, schedule
from haresreid.reproduce.cluster import ClusterJob, Training, cluster_start

TRAIN = """
import json, os, sys, time
folder, mode = sys.argv[1:]
print('a line of the log')
if mode == 'fail':
    sys.exit(3)
metrics = dict(protocols={}, data=dict(fingerprint='f'), config=dict(hash='h'))
json.dump(metrics, open(folder + '/metrics.json', 'w'))
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(schedule, 'POLL', 0.05)


@pytest.fixture
def make(tmp_path):
    def make(name: str, mode: str = 'work') -> Run:
        folder = tmp_path / name
        command = (sys.executable, '-S', '-c', TRAIN, str(folder), mode)
        return Run(Recipe(f'{name}.py'), 0, None, folder, 'h', 1, command)

    return make


def test_jobs_train_and_say_how_they_ended(make, tmp_path):
    runs, lines = [make('good'), make('bad', 'fail')], []
    failed = run_all(runs, 2, lines.append, cluster_start(tmp_path / 'jobs', dict(gpus_per_node=0), 'local'))
    assert failed == runs[1:] and run_state(runs[0]).finished
    assert runs[0].log.read_text() == 'a line of the log\n'
    assert any('FAILED bad, seed 0 (exit code 3)' in line and 'a line of the log' in line for line in lines)
    assert all(json.loads((run.folder / 'job.json').read_text())['job'] for run in runs)


def test_a_job_that_is_still_at_work_is_taken_up(make, tmp_path, monkeypatch):
    class Submitted(SimpleNamespace):
        def done(self, force_check=False):
            return self.job_id != 'waiting'

    monkeypatch.setitem(cluster.JOBS, 'local', lambda folder, job: Submitted(job_id=job))
    start = cluster_start(tmp_path / 'jobs', {}, 'local')
    monkeypatch.setattr(cluster.submitit.AutoExecutor, 'submit', lambda self, training: Submitted(job_id='new'))
    for known, expected in [(None, 'new'), ('waiting', 'waiting'), ('ended', 'new')]:
        run = make(f'run_{known}')
        run.folder.mkdir()
        if known:
            (run.folder / 'job.json').write_text(json.dumps(dict(job=known)))
        assert start(run).job.job_id == expected
        assert json.loads((run.folder / 'job.json').read_text()) == dict(job=expected)


def test_a_lost_job_and_one_that_is_ended():
    def lost():
        raise RuntimeError('no result')

    done = []
    job = ClusterJob(SimpleNamespace(done=lambda: bool(done), result=lost, cancel=lambda: done.append(1)))
    assert job.poll() is None
    job.end()
    assert job.poll() == cluster.LOST


def test_a_preempted_job_is_submitted_again_as_it_was(tmp_path):
    training = Training(['true'], tmp_path / 'log')
    assert training.checkpoint().function is training and training() == 0


@pytest.mark.parametrize(
    'options, name, sentence',
    [
        ({}, 'slurm', '--executor slurm wants srun, which is not here'),
        (dict(nonsense=1), 'local', '--cluster nonsense=1: '),
    ],
)
def test_what_is_refused_before_anything_is_submitted(tmp_path, monkeypatch, options, name, sentence):
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(ValueError, match=sentence):
        cluster_start(tmp_path / 'jobs', options, name)
