from pathlib import Path

import numpy as np
import pytest
import torch

from haresreid.utils.latency import ForwardPass
from haresreid.utils.memory import _build_and_run, measure_memory

MIB = 2**20
SYNTH = str(Path(__file__).parents[2] / 'configs/haresformer_synth.py')


class Allocation:
    """A pass that needs so many MiB for a moment; building it needs more."""

    images = torch.empty(1)

    def __init__(self, mebibytes):
        np.ones(3 * mebibytes * MIB, dtype=np.uint8)
        self.mebibytes = mebibytes

    def __call__(self):
        np.ones(self.mebibytes * MIB, dtype=np.uint8)


@pytest.mark.parametrize('mebibytes', [32, 96])
def test_what_only_the_pass_needs(mebibytes):
    memory = _build_and_run(Allocation, (mebibytes, ))
    assert (memory.peak - memory.before) / MIB == pytest.approx(mebibytes, abs=4)  # the kernel counts in batches of pages


def test_new_process_is_not_charged_for_this_one():
    ballast = np.ones(1024 * MIB, dtype=np.uint8)  # more than Python, PyTorch and a narrow model
    memory = measure_memory(ForwardPass.from_config, SYNTH, None, 2)
    assert memory.before < memory.peak < ballast.nbytes


def test_system_without_proc(monkeypatch):
    monkeypatch.setattr('haresreid.utils.memory.Path.exists', lambda path: False)
    with pytest.raises(ValueError, match="read from Linux' /proc, which this system does not have"):
        measure_memory(ForwardPass.from_config, SYNTH)
