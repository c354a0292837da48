import numpy as np
import pytest
import torch

from haresreid.converters import read_weights

WEIGHTS = {'a.weight': torch.arange(6.0).view(2, 3), 'a.bias': torch.ones(2)}


class Executes:
    """A pickle that would run code when loaded."""

    def __reduce__(self):
        return print, ('executed',)


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize(
    'content',
    [
        WEIGHTS,
        {f'module.{name}': value for name, value in WEIGHTS.items()},
        dict(state_dict=WEIGHTS, meta=dict(epoch=3)),
        # what the official scripts save: the figures are NumPy scalars
        dict(net=WEIGHTS, acc=np.float64(0.475), mAP=np.float32(0.4765), mINP=0.3, epoch=np.int64(41)),
    ],
)
def test_forms_of_a_file(tmp_path, content, zipped):
    torch.save(content, tmp_path / 'a.t', _use_new_zipfile_serialization=zipped)
    weights = read_weights(tmp_path / 'a.t')
    assert weights.keys() == WEIGHTS.keys()
    assert all(torch.equal(weights[name], value) for name, value in WEIGHTS.items())


def test_scalars_saved_by_numpy_1_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(np._core.multiarray.scalar, '__module__', 'numpy.core.multiarray', raising=False)
    torch.save(dict(net=WEIGHTS, acc=np.float64(0.475)), tmp_path / 'a.t', _use_new_zipfile_serialization=False)
    read_weights(tmp_path / 'a.t')


@pytest.mark.parametrize('content', [[1, 2], {}, torch.ones(2), dict(net=3), dict(acc=0.5, epoch=3)])
def test_what_is_no_state_dict_is_refused(tmp_path, content):
    torch.save(content, tmp_path / 'a.t')
    with pytest.raises(ValueError, match='a.t (holds no state dict|is no checkpoint)'):
        read_weights(tmp_path / 'a.t')


def test_code_is_refused_and_not_executed(tmp_path, capsys):
    torch.save(dict(net=WEIGHTS, extra=Executes()), tmp_path / 'a.t')
    with pytest.raises(ValueError, match='executes no code from a checkpoint'):
        read_weights(tmp_path / 'a.t')
    assert 'executed' not in capsys.readouterr().out


def test_what_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / 'a.t').write_text('no checkpoint')
    with pytest.raises(ValueError, match='a.t'):
        read_weights(tmp_path / 'a.t')
