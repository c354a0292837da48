import mmengine
import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

from haresreid.utils.compat import load_from_http, load_from_local


class Executes:
    """A pickle that would run code when loaded."""

    def __reduce__(self):
        return print, ('executed',)


def test_mmengine_loads_local_files_through_the_safe_loader(tmp_path):
    torch.save({'state_dict': {}}, tmp_path / 'a.pth')
    assert CheckpointLoader._get_checkpoint_loader(str(tmp_path / 'a.pth')) is load_from_local
    assert CheckpointLoader._get_checkpoint_loader('https://example.org/a.pth') is load_from_http


def test_code_in_a_checkpoint_is_refused_and_not_executed(tmp_path, capsys):
    torch.save({'state_dict': {}, 'extra': Executes()}, tmp_path / 'bad.pth')
    with pytest.raises(ValueError, match='executes no code from a checkpoint'):
        load_from_local(str(tmp_path / 'bad.pth'))
    assert 'executed' not in capsys.readouterr().out


def test_a_cut_off_file_is_named(tmp_path):
    torch.save({'weight': torch.zeros(1000)}, tmp_path / 'whole.pth')
    (tmp_path / 'half.pth').write_bytes((tmp_path / 'whole.pth').read_bytes()[:900])
    with pytest.raises(ValueError, match='half.pth cannot be read as a checkpoint'):
        load_from_local(str(tmp_path / 'half.pth'))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='no checkpoint at .*none.pth'):
        load_from_local(str(tmp_path / 'none.pth'))


def test_the_shims_are_still_needed():
    """Delete a shim of haresreid/utils/compat.py when this fails: MMEngine has moved on."""
    assert mmengine.__version__.startswith('0.10.')
