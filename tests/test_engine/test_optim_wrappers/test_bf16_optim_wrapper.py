import pytest
import torch

from haresreid.engine import BF16OptimWrapper

WRAPPER = 'haresreid.engine.optim_wrappers.bf16_optim_wrapper'


@pytest.mark.parametrize(
    'machine, avx512_bf16, amx, warned',
    [
        ('x86_64', False, False, True),
        ('AMD64', False, False, True),
        ('x86_64', True, False, False),
        ('x86_64', False, True, False),
        ('aarch64', False, False, False),
    ],
)
def test_a_cpu_without_bf16_is_warned_of(machine, avx512_bf16, amx, warned, monkeypatch):
    messages = []
    monkeypatch.setattr(f'{WRAPPER}.platform.machine', lambda: machine)
    monkeypatch.setattr(f'{WRAPPER}.get_device', lambda: 'cpu')
    monkeypatch.setattr('torch.cpu._is_avx512_bf16_supported', lambda: avx512_bf16)
    monkeypatch.setattr('torch.cpu._is_amx_tile_supported', lambda: amx)
    monkeypatch.setattr(f'{WRAPPER}.print_log', lambda message, **_: messages.append(message))
    BF16OptimWrapper(torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=0.1))
    assert len(messages) == warned and all('neither AVX-512 BF16 nor AMX' in message for message in messages)
