import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from haresreid.costs.latency import ForwardPass
from haresreid.costs.memory import measure_memory

MIB = 2**20
SYNTH = str(Path(__file__).parents[2] / 'configs/haresformer_synth.py')


# In a process of its own: this one has freed memory, which a pass would use again without a new page.
ALLOCATION = """
import numpy as np, torch
from haresreid.costs.memory import _build_and_run

class Allocation:  # a pass that needs so many bytes for a moment; building it needs more
    images = torch.empty(1)

    def __init__(self, size):
        np.ones(3 * size, dtype=np.uint8)
        self.size = size

    def __call__(self):
        np.ones(self.size, dtype=np.uint8)

for size in (64, 96):
    memory = _build_and_run(Allocation, (size * 2**20, ))
    print(memory.peak - memory.before)
"""


def test_what_only_the_pass_needs():
    output = subprocess.run([sys.executable, '-c', ALLOCATION], check=True, capture_output=True, text=True).stdout
    measured = [int(line) / MIB for line in output.split()]
    assert measured == pytest.approx([64, 96], abs=4)  # the kernel counts in batches of pages


def test_new_process_is_not_charged_for_this_one():
    ballast = np.ones(1024 * MIB, dtype=np.uint8)  # more than Python, PyTorch and a narrow model
    memory = measure_memory(ForwardPass.from_config, SYNTH, None, 2)
    assert memory.before < memory.peak < ballast.nbytes


def test_system_without_proc(monkeypatch):
    monkeypatch.setattr('haresreid.costs.memory.Path.exists', lambda path: False)
    with pytest.raises(ValueError, match="read from Linux' /proc, which this system does not have"):
        measure_memory(ForwardPass.from_config, SYNTH)


def test_a_process_that_is_killed_is_reported():
    with pytest.raises(
        ValueError, match='was killed, as happens when a machine has too little: choose a smaller batch'
    ):
        measure_memory(os._exit, 137)
