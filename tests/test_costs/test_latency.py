from pathlib import Path

import numpy as np
import pytest
import torch

from haresreid.costs.latency import ForwardPass, Latency, measure_latencies
from haresreid.structures import ReIDBatch

SYNTH = str(Path(__file__).parents[2] / 'configs/haresformer_synth.py')


class Recorder:
    """A pass that notes when it is called."""

    def __init__(self, name, calls, batch_size=4):
        self.name, self.calls, self.images = name, calls, torch.empty(batch_size)

    def __call__(self):
        self.calls.append(self.name)


class Model(torch.nn.Module):
    """A layer, and what it was called with."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3, 2)

    def embed(self, images, batch):
        self.seen = self.training, torch.is_grad_enabled(), batch
        return self.layer(images)


def test_every_round_runs_all_once_in_changing_order():
    calls = []
    latencies = measure_latencies(
        {name: Recorder(name, calls, size) for name, size in dict(a=1, b=4, c=2).items()}, rounds=6, warmup=2
    )
    rounds = [tuple(calls[start : start + 3]) for start in range(0, 24, 3)]
    assert len(calls) == 24 and all(sorted(names) == ['a', 'b', 'c'] for names in rounds)
    assert len(set(rounds)) > 1
    assert list(latencies) == ['a', 'b', 'c']
    assert [latency.batch_size for latency in latencies.values()] == [1, 4, 2]
    assert all(latency.seconds.shape == (6,) for latency in latencies.values())  # not the two that warm up


def test_what_a_pass_takes_is_what_is_timed(monkeypatch):
    calls, takes = [], dict(slow=5.0, fast=0.5)
    monkeypatch.setattr('haresreid.costs.latency.time.perf_counter', lambda: sum(takes[name] for name in calls))
    latencies = measure_latencies({name: Recorder(name, calls) for name in takes}, rounds=3)
    assert {name: latency.seconds.tolist() for name, latency in latencies.items()} == dict(
        slow=[5.0] * 3, fast=[0.5] * 3
    )
    assert latencies['slow'].relative_to(latencies['fast']) == 10
    assert latencies['fast'].images_per_second == 8


@pytest.mark.parametrize('max_seconds, timed', [(0, 1), (2, 1), (3, 2), (9, 5)])
def test_time_is_up(monkeypatch, max_seconds, timed):
    calls = []
    monkeypatch.setattr('haresreid.costs.latency.time.perf_counter', lambda: len(calls))  # a round takes one second
    latency = measure_latencies(dict(a=Recorder('a', calls)), rounds=5, max_seconds=max_seconds)['a']
    assert len(latency.seconds) == timed
    assert len(calls) == (timed if max_seconds == 0 else timed + 1)  # without a second round the first one counts


def test_figures():
    latency = Latency(np.array([4.0, 1.0, 2.0, 3.0, 5.0]), batch_size=6)
    assert (latency.p50, latency.images_per_second) == (3.0, 2.0)
    assert latency.p95 == pytest.approx(4.8)  # 95% of the way from the least to the largest of five


def test_a_slow_spell_falls_out_of_the_ratio():
    quiet = np.array([1.0, 1.1, 0.9, 1.0, 1.0])
    spell = np.array([1.0, 1.0, 4.0, 3.0, 2.0])
    assert Latency(2 * quiet * spell, 1).relative_to(Latency(quiet * spell, 1)) == pytest.approx(2)


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_forward_pass(dtype):
    model, images, batch = Model(), torch.rand(5, 3), ReIDBatch.unlabelled(torch.zeros(5, dtype=torch.long))
    features = ForwardPass(model, images, batch, dtype)()
    assert model.seen == (False, False, batch)  # eval mode, no gradients
    assert features.dtype == dtype and features.is_inference()
    torch.testing.assert_close(features.float(), model.layer(images), atol=0.02, rtol=0.02)
    assert model.layer.weight.dtype == torch.float32


def test_pass_of_a_config():
    forward = ForwardPass.from_config(SYNTH, {'model.backbone.stage.num_layers': 2}, 3, torch.bfloat16)
    assert forward.images.shape == (3, 3, 96, 48) and forward.dtype == torch.bfloat16
    assert len(forward.model.backbone.transformers[0].layers) == 2
    features = forward()
    assert features.shape == (3, 128)
    torch.testing.assert_close(features.norm(dim=1), torch.ones(3))
