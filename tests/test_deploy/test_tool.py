import runpy
import sys
from pathlib import Path

import pytest
import torch

from haresreid.apis import OnnxBackend

ROOT = Path(__file__).parents[2]


def export(*arguments) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, 'argv', ['export.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/export.py'), run_name='__main__')


def test_a_checkpoint_becomes_a_file_of_half_precision(haresformer, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(torch.onnx, 'export', lambda *args, **kwargs: haresformer.program)  # tracing takes long
    out = tmp_path / 'model.onnx'
    export(haresformer.config, haresformer.weights, '--out', out, '--precision', 'fp16')
    printed = capsys.readouterr().out
    assert 'opset 18; features differ from PyTorch by ' in printed and 'fp32 file on 32 images of noise: ' in printed
    assert f'{out}: {out.stat().st_size / 1e6:.2f} MB, fp16; takes images of 96x48' in printed
    assert OnnxBackend(out).metadata['precision'] == 'fp16'
    assert [path.name for path in tmp_path.iterdir()] == ['model.onnx']


@pytest.mark.parametrize(
    'arguments, message',
    [
        (('no_such_model', 'x.pth', '--out', '{folder}/new.onnx'), "no model is called 'no_such_model'"),
        (('haresformer_synth', 'nowhere.pth', '--out', '{folder}/new.onnx'), 'nowhere.pth'),
        (
            ('haresformer_synth', 'x.pth', '--out', '{folder}/there.onnx'),
            'there.onnx is there already: add --overwrite',
        ),
        (('haresformer_synth', 'x.pth', '--out', '{folder}/nowhere/new.onnx'), 'in a folder that exists'),
        (('haresformer_synth', 'x.pth', '--out', '{folder}/new.pth'), 'must be an .onnx file'),
        (('haresformer_synth', '--out', '{folder}/new.onnx', '--edge'), '--edge is for tools .*: add --layout nchw'),
        (
            (
                'haresformer_sysu',
                'x.pth',
                '--out',
                '{folder}/new.onnx',
                '--dims',
                '9',
                '--data-root',
                '{folder}/no_data',
            ),
            'no_data',
        ),
        (
            (
                'haresformer_sysu',
                'x.pth',
                '--out',
                '{folder}/new.onnx',
                '--precision',
                'int8',
                '--data-root',
                '{folder}/no_data',
            ),
            'no_data',
        ),
    ],
)
def test_what_cannot_be_exported_is_refused_at_once(arguments, message, tmp_path):
    (tmp_path / 'there.onnx').write_bytes(b'dear to the user')
    with pytest.raises(SystemExit, match=message):
        export(*(argument.format(folder=tmp_path) for argument in arguments))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b'dear to the user']
