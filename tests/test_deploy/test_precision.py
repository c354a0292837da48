import numpy as np
import onnx
import pytest
from PIL import Image

from haresreid.apis import OnnxBackend
from haresreid.config.config import load_config
from haresreid.deploy.export import noise
from haresreid.deploy.fp16 import to_fp16
from haresreid.deploy.int8 import calibration_images, quantize_int8


def cosines(one, other, images, modalities) -> np.ndarray:
    features = (OnnxBackend(path)(images, modalities) for path in (one, other))
    return np.prod(list(features), axis=0).sum(axis=1)


@pytest.mark.parametrize('name', ['haresformer', 'baseline'])
def test_half_precision_halves_the_file(name, request, tmp_path):
    source = request.getfixturevalue(name).file
    to_fp16(source, tmp_path / 'fp16.onnx')
    assert (tmp_path / 'fp16.onnx').stat().st_size < 0.7 * source.stat().st_size  # a narrow net has many small tensors
    assert cosines(source, tmp_path / 'fp16.onnx', *noise(8, (96, 48))).min() > 0.9999
    assert OnnxBackend(tmp_path / 'fp16.onnx').metadata['precision'] == 'fp16'


@pytest.mark.parametrize('name', ['haresformer', 'baseline'])
def test_integers_in_convolutions(name, request, tmp_path):
    source = request.getfixturevalue(name).file
    images, modalities = noise(32, (96, 48))
    quantize_int8(source, tmp_path / 'int8.onnx', images, modalities)
    assert (tmp_path / 'int8.onnx').stat().st_size < 0.75 * source.stat().st_size  # the graph itself weighs, too
    assert cosines(source, tmp_path / 'int8.onnx', images, modalities).min() > 0.97
    assert OnnxBackend(tmp_path / 'int8.onnx').metadata['precision'] == 'int8'
    graph = onnx.load(tmp_path / 'int8.onnx').graph
    made_by = {output: node.op_type for node in graph.node for output in node.output}
    kinds = {node.op_type: {made_by.get(name) for name in node.input} for node in graph.node}
    assert kinds['Conv'] == {'DequantizeLinear'}


def test_calibration_images_are_training_images_of_both_modalities(tmp_path, request):
    rng = np.random.default_rng(0)
    lines = ['path,pid,camera,modality,split']
    for pid in range(4):
        for camera, modality in ((1, 'visible'), (2, 'infrared'), (3, 'visible')):
            Image.fromarray(rng.integers(0, 256, (60, 40, 3), dtype=np.uint8)).save(tmp_path / f'{pid}_{camera}.png')
            lines.append(f'{pid}_{camera}.png,{pid},{camera},{modality},train')
    (tmp_path / 'manifest.csv').write_text('\n'.join(lines))
    cfg = load_config(str(request.config.rootpath / 'configs/haresformer_sysu.py'))
    cfg.train_dataloader.dataset = dict(type='ManifestDataset', data_root=str(tmp_path), subset='train')
    images, modalities = calibration_images(cfg, 6)
    assert images.shape == (6, 288, 144, 3) and images.dtype == np.uint8
    assert modalities.sum() == 3
    np.testing.assert_array_equal(images, calibration_images(cfg, 6)[0])
    assert len(calibration_images(cfg, 100)[0]) == 12
