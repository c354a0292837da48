import resource
import subprocess
import sys

import pytest

SCRIPT = """
import resource
import torch
from haresreid.compat.allocator import keep_freed_memory

if {keep}:
    keep_freed_memory()

def use():
    return sum(map(torch.Tensor.numel, [torch.zeros(24, 2**20) + 1 for _ in range(3)]))  # 96 MiB each

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    use()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

# the first ones leave holes, and some systems take idle pages away at any time
print(min(faults() for _ in range(8)))
"""


@pytest.mark.skipif(sys.platform != 'linux', reason='glibc')
def test_memory_that_was_used_once_costs_no_page_fault_again():
    faults = {
        keep: int(subprocess.check_output([sys.executable, '-c', SCRIPT.format(keep=keep)])) for keep in (False, True)
    }
    pages = 3 * 96 * 2**20 // resource.getpagesize()
    assert faults[False] > 100  # huge pages may have made them few
    assert faults[True] < faults[False] / 10 and faults[True] < pages / 100
