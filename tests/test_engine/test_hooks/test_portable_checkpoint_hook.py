from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer

from haresreid.engine import PortableCheckpointHook


def make_checkpoint() -> dict:
    history = HistoryBuffer([1.0, 2.0, 4.0], [1, 1, 2])
    return {
        'state_dict': {'weight': torch.ones(2)},
        'message_hub': {
            'log_scalars': {'train/loss': history},
            'runtime_info': {'best_score': np.float64(12.5), 'iter': 3},
            'resumed_keys': {'train/loss': True},
        },
    }


def test_without_the_hook_torch_refuses_the_history(tmp_path):
    torch.save(make_checkpoint(), tmp_path / 'raw.pth')
    with pytest.raises(Exception, match='Weights only load failed'):
        torch.load(tmp_path / 'raw.pth', weights_only=True)


def test_round_trip_is_safe_to_load_and_keeps_the_history(tmp_path):
    hook, runner, checkpoint = PortableCheckpointHook(), SimpleNamespace(), make_checkpoint()
    hook.before_save_checkpoint(runner, checkpoint)
    torch.save(checkpoint, tmp_path / 'portable.pth')
    loaded = torch.load(tmp_path / 'portable.pth', weights_only=True)
    hook.after_load_checkpoint(runner, loaded)
    restored = loaded['message_hub']['log_scalars']['train/loss']
    for ours, original in zip(restored.data, make_checkpoint()['message_hub']['log_scalars']['train/loss'].data):
        np.testing.assert_array_equal(ours, original)
    assert loaded['message_hub']['runtime_info'] == {'best_score': 12.5, 'iter': 3}


def test_published_weights_without_history_pass_through():
    checkpoint = {'state_dict': {}}
    PortableCheckpointHook().after_load_checkpoint(SimpleNamespace(), checkpoint)
    assert checkpoint == {'state_dict': {}}
