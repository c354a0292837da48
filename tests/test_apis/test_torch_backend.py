import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from PIL import Image

from haresreid.apis import TorchBackend, VIReIDInferencer, extract_feature_set, get_model, load_trained
from haresreid.config.config import load_config
from haresreid.registry import MODELS


@pytest.mark.parametrize('name', ['haresformer_synth', 'agw_synth', 'zero_padding_synth'])
def test_features_are_those_of_the_test_pipeline(name, root, tmp_path):
    """What tools/test.py --dump writes, with a Resize; of one stream, of one per modality, of channels of its own."""
    rng = np.random.default_rng(0)
    lines = ['path,pid,camera,modality,split']
    for pid, size in enumerate(((96, 48), (120, 70), (50, 31))):
        for camera, modality, suffix in ((1, 'visible', 'jpg'), (2, 'infrared', 'png')):
            file = f'{pid}_{camera}.{suffix}'
            pixels = (
                rng.integers(0, 256, (*size, 3), dtype=np.uint8)
                if modality == 'visible'
                else rng.integers(6900, 9100, size, dtype=np.uint16)
            )  # counts of a thermal camera
            Image.fromarray(pixels).save(tmp_path / file)
            lines.append(f'{file},{pid},{camera},{modality},test')
    (tmp_path / 'manifest.csv').write_text('\n'.join(lines))
    cfg = load_config(str(next((root / 'configs').rglob(f'{name}.py'))))
    load, *others = cfg.test_dataloader.dataset.pipeline
    load['thermal_range'] = (7000, 9000)
    pipeline = [load, dict(type='Resize', scale=(48, 96), backend='pillow', interpolation='lanczos'), *others]
    cfg.test_dataloader.update(batch_size=4, num_workers=0, persistent_workers=False)
    cfg.test_dataloader.dataset = dict(
        type='ManifestDataset', data_root=str(tmp_path), subset='test', pipeline=pipeline
    )
    cfg.dump(tmp_path / 'own.py')
    torch.manual_seed(0)
    init_default_scope('haresreid')
    torch.save({'state_dict': MODELS.build(cfg.model).state_dict()}, tmp_path / 'model.pth')
    config, checkpoint = str(tmp_path / 'own.py'), str(tmp_path / 'model.pth')
    expected = extract_feature_set(*load_trained(config, checkpoint), checkpoint)

    features = VIReIDInferencer(config, checkpoint, device='cpu', batch_size=4)(
        expected.img_paths, expected.modalities.tolist(), progress=False
    )
    np.testing.assert_array_equal(features.features, expected.features)
    assert features.paths == expected.img_paths
    # in another batch, sums are taken in another order
    others = VIReIDInferencer(config, checkpoint, device='cpu', batch_size=1)(expected.img_paths[:3], [0, 1, 0])
    np.testing.assert_allclose(others.features, expected.features[:3], atol=1e-5)


def test_what_a_backend_tells():
    backend = TorchBackend(get_model('haresformer_synth'))
    assert (backend.image_size, backend.feature_dim) == ((96, 48), 128)
    features = backend(np.zeros((2, 96, 48, 3), np.uint8), np.array([0, 1]))
    assert features.shape == (2, 128) and features.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-5)
    assert not backend.model.training
