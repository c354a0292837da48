import subprocess
import sys

import numpy as np
import onnx
import pytest

from haresreid.apis import OnnxBackend
from haresreid.deploy.export import noise

PROGRAM = """
import sys
import numpy as np
from haresreid.apis import OnnxBackend
features = OnnxBackend(sys.argv[1], num_threads=1)(np.zeros((2, 96, 48, 3), np.uint8), np.array([0, 1]))
print(features.shape, [name for name in ('torch', 'mmengine', 'mmcv', 'mmpretrain', 'onnx') if name in sys.modules])
"""


def test_a_file_runs_without_torch(haresformer):
    done = subprocess.run([sys.executable, '-c', PROGRAM, haresformer.file], capture_output=True, text=True)
    assert done.stdout.strip() == '(2, 64) []', done.stderr


@pytest.mark.parametrize(
    'images, modalities, message',
    [
        (np.zeros((2, 48, 96, 3), np.uint8), [0, 0], r'must be \(B, 96, 48, 3\) uint8, not \(2, 48, 96, 3\) uint8'),
        (np.zeros((2, 96, 48, 3), np.float32), [0, 0], 'not .* float32: resize them and leave them in bytes'),
        (np.zeros((2, 96, 48, 3), np.uint8), [0], 'one modality for each of the 2 images'),
        (np.zeros((2, 96, 48, 3), np.uint8), [1, 2], r'0 \(visible\) or 1 \(infrared\)'),
    ],
)
def test_bad_input_is_refused(haresformer, images, modalities, message):
    with pytest.raises(ValueError, match=message):
        OnnxBackend(haresformer.file)(images, np.array(modalities))


def test_files_that_are_no_export_are_refused(haresformer, tmp_path):
    with pytest.raises(FileNotFoundError, match='no exported model at .*nowhere.onnx'):
        OnnxBackend(tmp_path / 'nowhere.onnx')
    (tmp_path / 'text.onnx').write_text('no model')
    with pytest.raises(ValueError, match='text.onnx is not a model file that haresreid export wrote'):
        OnnxBackend(tmp_path / 'text.onnx')
    foreign = onnx.load(haresformer.file)
    del foreign.metadata_props[:]
    onnx.save(foreign, tmp_path / 'foreign.onnx')
    with pytest.raises(ValueError, match='foreign.onnx is not a model file'):
        OnnxBackend(tmp_path / 'foreign.onnx')


def test_an_empty_batch_has_no_features(haresformer):
    images, modalities = noise(1, (96, 48))
    assert OnnxBackend(haresformer.file)(images[:0], modalities[:0]).shape == (0, 64)
