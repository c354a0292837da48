"""Sweeps with programs of a few lines in the place of trainings."""

import json
import multiprocessing
import os
import signal
import sys
import time

import pytest

from haresreid.reproduce import Recipe, Run, schedule
from haresreid.reproduce.sweep import first_of, importances, open_study, options_of, read_space, sweep, trials_of

TRAIN = """
import json, os, sys
folder, x, y = sys.argv[1:]
if y in ('bad', 'worse'):
    sys.exit('error: diverged')
mean = dict(mAP=0.5 - (float(x) - 3) ** 2 / 100)
metrics = dict(protocols={'own/all': dict(ours=dict(mean=mean))}, data=dict(fingerprint='f'), config=dict(hash='h'))
open(folder + '/count', 'a').write('x')
json.dump(metrics, open(folder + '/metrics.json', 'w'))
"""
SPACE = ['x=0.0:10.0', 'y=a,b']


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(schedule, 'POLL', 0.01)


def planner(folder):
    def plan(trial) -> Run:
        own = folder / f'trial_{trial.number}'
        program = (sys.executable, '-S', '-c', TRAIN, str(own), str(trial.params['x']), trial.params['y'])
        return Run(Recipe('quadratic.py'), 0, None, own, 'h', 1, program)

    return plan


def search(folder, trials, space=SPACE, **options):
    folder.mkdir(exist_ok=True)
    space = read_space(space)
    study = open_study(folder, space, metric='own/all/mAP')
    sweep(study, space, planner(folder), 'own/all/mAP', trials, report=lambda line: None, **options)
    return study, trials_of(study, space)


def test_what_may_be_searched():
    space = read_space(['lr=1e-4:1e-2:log', 'heads=1:4', 'stages=(0,1),(2,)', 'hook=stop,warn'])
    assert first_of(space) == dict(lr=1e-4, heads=1, stages='(0,1)', hook='stop')
    assert options_of(dict(lr=0.01, heads=2)) == ['lr=0.01', 'heads=2'] and space['lr'].log and not space['heads'].log


@pytest.mark.parametrize(
    'option, why',
    [
        ('lr=0.1', 'two different values or more'),
        ('lr=a,a', 'two different values or more'),
        ('lr=1:0', 'low'),
        ('lr=0:1:log', 'low'),
        ('lr=1:2:lin', "'lin' is no scale"),
        ('lr=a:b', 'could not convert'),
    ],
)
def test_what_may_not(option, why):
    with pytest.raises(ValueError, match=f'--search {option}: .*{why}.* it takes KEY=LOW:HIGH'):
        read_space([option])
    with pytest.raises(ValueError, match='--search has lr twice'):
        read_space(['lr=1:2', 'lr=1:3'])
    with pytest.raises(ValueError, match='--search =1,2 names no config key'):
        read_space(['=1,2'])


def test_it_finds_the_choice_that_matters(tmp_path):
    study, trials = search(tmp_path, 16, jobs=4)
    best = max(trials, key=lambda trial: trial.value)
    assert len(trials) == 16 and abs(best.params['x'] - 3) < 1 and best.value == pytest.approx(50, abs=1)
    shares = importances(study)
    assert list(shares) == ['x', 'y'] and shares['x'] > 0.7


def test_a_killed_sweep_goes_on_as_if_it_had_not_been(tmp_path):
    whole = [trial.params for trial in search(tmp_path / 'whole', 12)[1]]
    folder = tmp_path / 'killed'
    parent = multiprocessing.get_context('fork').Process(target=search, args=(folder, 12))
    parent.start()
    deadline = time.monotonic() + 60
    while not (folder / 'trial_5').exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    os.kill(parent.pid, signal.SIGKILL)
    parent.join()
    space = read_space(SPACE)
    before = trials_of(open_study(folder, space, metric='own/all/mAP'), space)
    assert 5 < len(before) < 12
    assert [trial.params for trial in search(folder, 12)[1]] == whole
    counts = [(folder / f'trial_{number}/count').read_text() for number in range(12)]
    assert counts == ['x'] * 12, 'no finished trial is trained again'
    assert len(search(folder, 14)[1]) == 14


def test_failed_trials_are_counted_and_a_sweep_of_failures_ends(tmp_path):
    _, trials = search(tmp_path / 'some', 4, ['x=0.0:10.0', 'y=good,bad'], seed=1)
    states = [trial.state.name for trial in trials]
    assert len(states) == 4 and set(states) == {'COMPLETE', 'FAIL'}
    with pytest.raises(ValueError, match='all 3 trials failed so far'):
        search(tmp_path / 'all', 6, ['x=0.0:10.0', 'y=bad,worse'])


def test_another_sweep_in_the_folder_is_refused(tmp_path):
    search(tmp_path, 1)
    with pytest.raises(ValueError, match='holds a sweep with another space: give another --work-dir'):
        search(tmp_path, 2, ['x=0.0:5.0', 'y=a,b'])
    assert json.dumps(open_study(tmp_path, read_space(SPACE), metric='own/all/mAP').user_attrs['definition'])


@pytest.mark.parametrize('bounds', ['nan:1', '0:inf', '-inf:1.0', '0:nan:log'])
def test_bounds_that_are_not_finite(bounds):
    with pytest.raises(ValueError, match='finite'):
        read_space([f'a={bounds}'])


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / 'sweep.db').write_bytes(b'something else of this name')
    with pytest.raises(ValueError, match='sweep.db is not the database of a sweep'):
        open_study(tmp_path, read_space(['a=0:1']))
