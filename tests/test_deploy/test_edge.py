"""A file for an edge device: one image tensor in, one short vector out, in onnxruntime and in OpenVINO."""

import subprocess

import numpy as np
import onnxruntime
import pytest
import yaml

from haresreid.apis import OnnxBackend
from haresreid.config.config import load_config
from haresreid.deploy.edge import write_edge_files
from haresreid.deploy.export import noise
from haresreid.deploy.model_card import write_model_card


def test_one_tensor_in_one_vector_out(edge):
    session = onnxruntime.InferenceSession(edge.file, providers=['CPUExecutionProvider'])
    (given,), (features,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.type, given.shape[1:]) == ('images', 'tensor(float)', [3, 96, 48])
    assert features.shape[1:] == [24]
    images = noise(4, (96, 48))[0].transpose(0, 3, 1, 2).astype(np.float32)
    np.testing.assert_allclose(session.run(None, dict(images=images))[0], edge.expected, atol=1e-5)
    assert edge.difference < 1e-5


def test_the_backend_takes_bytes_all_the_same_and_only_of_the_files_modality(edge):
    backend, (images, alternating) = OnnxBackend(edge.file), noise(4, (96, 48))
    np.testing.assert_allclose(backend(images, np.ones(4, dtype=int)), edge.expected, atol=1e-5)
    assert backend.metadata['modality'] == 'infrared' and backend.metadata['reduced']
    with pytest.raises(ValueError, match='this file was exported for infrared images, and others are given'):
        backend(images, alternating)


def test_openvino_gives_the_same(edge, tmp_path):
    pytest.importorskip('openvino')
    from haresreid.deploy.openvino_ir import OpenVinoBackend, to_openvino

    to_openvino(edge.file, tmp_path / 'edge.xml')
    backend = OpenVinoBackend(tmp_path / 'edge.xml')
    assert (backend.image_size, backend.feature_dim) == ((96, 48), 24)
    assert sorted(path.name for path in tmp_path.iterdir()) == ['edge.bin', 'edge.xml']
    np.testing.assert_allclose(backend(noise(4, (96, 48))[0], np.ones(4)), edge.expected, atol=1e-4)


def test_the_files_beside_it(edge):
    build, tracker = write_edge_files(edge.file)
    text = build.read_text()
    assert (build.name, tracker.name) == ('edge.trtexec.sh', 'edge.deepstream.yml')
    assert '--onnx=edge.onnx' in text and '--maxShapes=images:100x3x96x48' in text and 'Untested' in text
    assert subprocess.run(['sh', '-n', build]).returncode == 0
    reid = yaml.safe_load(tracker.read_text().removeprefix('%YAML:1.0\n'))['ReID']
    assert reid['inferDims'] == [3, 96, 48] and reid['reidFeatureSize'] == 24 and reid['onnxFile'] == 'edge.onnx'


def test_other_layouts_are_refused(baseline):
    with pytest.raises(ValueError, match='takes images and modalities in the layout nhwc; .* --layout nchw'):
        write_edge_files(baseline.file)


def test_the_card_says_what_is_known(edge, baseline):
    text = write_model_card(edge.file, load_config(baseline.config), baseline.weights).read_text()
    for line in (
        '| images | B, 3, 96, 48 | float32 | RGB, 0 to 255, infrared;',
        '| features | B, 24 | float32 | unit length |',
        'None is recorded with the weights: evaluate them with haresreid test.',
        'exported with the same reduction',
    ):
        assert line in text


def test_the_card_has_the_accuracy_that_ships(edge):
    from haresreid.apis.model_names import find_trained

    config, weights = find_trained('haresformer_synth')
    text = write_model_card(edge.file, load_config(str(config)), weights).read_text()
    assert '| sysu/all | 24.24 ± 2.12 | 26.51 ± 0.98 | 17.31 ± 0.72 |' in text
    assert 'before its reduction to 24 numbers' in text
