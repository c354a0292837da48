"""A checkpoint that would run code is refused by every tool that takes one, and the code does not run."""

import os
import runpy
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]
CONFIG = str(ROOT / 'configs/haresformer_synth.py')
TINY = [
    '--cfg-options',
    *(f'{loader}_dataloader.dataset.num_ids=(4,0,2)' for loader in ('train', 'val', 'test')),
    'train_dataloader.sampler.num_ids=4',
]


class Executes:
    """A pickle that leaves a folder behind when it is loaded."""

    def __reduce__(self):
        return os.mkdir, ('executed',)


@pytest.fixture(scope='module')
def data_root(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp('data') / 'synvi'


@pytest.mark.parametrize(
    'tool, arguments',
    [
        ('train.py', [CONFIG, '--work-dir=run', '--resume', '--data-root=DATA', *TINY]),
        ('train.py', [CONFIG, '--work-dir=new', '--data-root=DATA', *TINY, 'load_from=run/epoch_1.pth']),
        (
            'train.py',
            [CONFIG, '--work-dir=new', '--data-root=DATA', *TINY, 'model.backbone.encoder.pretrained=run/epoch_1.pth'],
        ),
        ('test.py', [CONFIG, 'run/epoch_1.pth', '--work-dir=new', '--data-root=DATA', *TINY]),
        ('converters/convert.py', ['agw', 'run/epoch_1.pth', 'out.pth']),
        ('converters/convert.py', ['agw', 'run/epoch_1.pth', 'out.pth', '--to-official']),
        ('publish_model.py', ['run/epoch_1.pth', 'out', '--config', CONFIG]),
        ('analysis/draw.py', ['tsne', CONFIG, 'run/epoch_1.pth', '--out=out.png']),
        ('export.py', [CONFIG, 'run/epoch_1.pth', '--out=out.onnx']),
    ],
)
def test_a_crafted_checkpoint_is_refused(tool, arguments, data_root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkdir('run')
    torch.save(dict(state_dict={}, optimizer={}, meta=Executes()), 'run/epoch_1.pth')
    monkeypatch.setattr(sys, 'argv', [tool, *(word.replace('DATA', str(data_root)) for word in arguments)])
    with pytest.raises(SystemExit) as refused:
        runpy.run_path(str(ROOT / 'tools' / tool), run_name='__main__')
    assert 'run/epoch_1.pth holds Python objects' in refused.value.code and 'executes no code' in refused.value.code
    assert not os.path.exists('executed') and not list(tmp_path.glob('out*'))
    assert torch.load('run/epoch_1.pth', weights_only=False) and os.path.exists('executed')  # it would have run
