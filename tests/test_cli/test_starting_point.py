from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config

from haresreid.cli import starting_point
from haresreid.cli.starting_point import choose_starting_point


@pytest.fixture
def folder(tmp_path):
    """The work directory of a run begun with seed 3."""
    for epoch in (1, 2):
        torch.save(dict(state_dict={}, optimizer={}, meta=dict(seed=3)), tmp_path / f'epoch_{epoch}.pth')
    return tmp_path


def choose(folder, resume=True, seed=None, config_seed=0):
    cfg = Config(dict(randomness=dict(seed=config_seed), resume=True))
    args = SimpleNamespace(config='configs/a.py', work_dir=str(folder), resume=resume, seed=seed)
    return cfg, choose_starting_point(cfg, args)


@pytest.mark.parametrize('seed', [None, 3])
def test_a_run_goes_on_with_the_seed_that_it_was_begun_with(folder, seed):
    cfg, checkpoint = choose(folder, seed=seed)
    assert checkpoint == str(folder / 'epoch_2.pth')
    assert (cfg.work_dir, cfg.randomness.seed, cfg.resume) == (str(folder), 3, False)


def test_another_seed_is_refused(folder):
    with pytest.raises(ValueError, match='--seed 4 is given, and the run in .* was begun with 3: leave --seed out'):
        choose(folder, seed=4)


@pytest.mark.parametrize('resume', [True, False])
def test_a_new_run_takes_the_seed_that_is_given_or_the_config_s(tmp_path, monkeypatch, resume):
    said = []
    monkeypatch.setattr(starting_point, 'print_log', lambda message, logger: said.append(message))
    cfg, checkpoint = choose(tmp_path / 'new', resume, seed=7)
    assert (checkpoint, cfg.randomness.seed) == (None, 7)
    assert choose(tmp_path / 'new', resume)[0].randomness.seed == 0
    assert all('there is nothing to resume in' in line for line in said) and len(said) == 2 * resume


def test_a_run_without_a_seed_is_refused(tmp_path):
    with pytest.raises(ValueError, match='randomness.seed is None'):
        choose(tmp_path, resume=False, config_seed=None)


def test_what_a_killed_run_was_writing_goes(folder):
    (folder / '.0123456789abcdef.epoch_3.pth').touch()
    choose(folder)
    assert not (folder / '.0123456789abcdef.epoch_3.pth').exists()
