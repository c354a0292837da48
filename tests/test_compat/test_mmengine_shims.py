import mmengine
import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

from haresreid.compat.mmengine_shims import load_from_http, load_from_local


def test_mmengine_loads_local_files_through_the_safe_loader(tmp_path):
    torch.save({'state_dict': {}}, tmp_path / 'a.pth')
    assert CheckpointLoader._get_checkpoint_loader(str(tmp_path / 'a.pth')) is load_from_local
    assert CheckpointLoader._get_checkpoint_loader('https://example.org/a.pth') is load_from_http


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='no checkpoint at .*none.pth'):
        load_from_local(str(tmp_path / 'none.pth'))


def test_an_address_is_read_from_the_cache_by_the_same_rules_or_named(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path))
    (tmp_path / 'checkpoints').mkdir()
    torch.save({'state_dict': {}}, tmp_path / 'checkpoints' / 'a.pth')
    assert load_from_http('https://example.invalid/weights/a.pth?raw=1') == {'state_dict': {}}
    with pytest.raises(FileNotFoundError, match=r'invalid/b\.pth cannot be downloaded .* put b\.pth into'):
        load_from_http('https://example.invalid/b.pth')


def test_the_shims_are_still_needed():
    """Delete a shim of haresreid/compat/mmengine_shims.py when this fails: MMEngine has moved on."""
    assert mmengine.__version__.startswith('0.10.')
