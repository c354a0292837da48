import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from haresreid.engine import IterationSeedHook


def draws(seed: int, iteration: int, rank: int, monkeypatch) -> tuple[float, float, float]:
    monkeypatch.setattr('haresreid.engine.hooks.iteration_seed_hook.get_rank', lambda: rank)
    IterationSeedHook().before_train_iter(SimpleNamespace(seed=seed, iter=iteration), 0)
    return torch.rand(1).item(), np.random.rand(), random.random()


def test_what_was_drawn_before_does_not_matter(monkeypatch):
    first = draws(0, 5, 0, monkeypatch)
    torch.rand(7), np.random.rand(7), random.random()
    assert draws(0, 5, 0, monkeypatch) == first


@pytest.mark.parametrize('other', [(1, 5, 0), (0, 6, 0), (0, 5, 1), (5, 0, 0)])
def test_seed_iteration_and_rank_do(other, monkeypatch):
    assert not set(draws(0, 5, 0, monkeypatch)) & set(draws(*other, monkeypatch))
