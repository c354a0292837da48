import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from PIL import Image

from haresreid.apis import extract_features, init_model, rank
from haresreid.registry import MODELS
from haresreid.structures import Modality
from haresreid.utils.config import load_config


@pytest.fixture
def config(request, monkeypatch) -> str:
    monkeypatch.chdir(request.config.rootpath)
    return 'configs/haresformer_synth.py'


@pytest.fixture
def checkpoint(config, tmp_path) -> str:
    torch.manual_seed(0)
    init_default_scope('haresreid')
    model = MODELS.build(load_config(config).model)
    model.init_weights()
    torch.save({'state_dict': model.state_dict()}, tmp_path / 'model.pth')
    return str(tmp_path / 'model.pth')


@pytest.fixture
def images(tmp_path) -> list[str]:
    rng = np.random.default_rng(0)
    paths = [str(tmp_path / f'{number}.png') for number in range(5)]
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (96, 48, 3), dtype=np.uint8)).save(path)
    return paths


def test_features_do_not_depend_on_the_batch(config, checkpoint, images):
    model = init_model(config, checkpoint)
    together = extract_features(model, images, Modality.VISIBLE)
    one_by_one = extract_features(model, images, Modality.VISIBLE, batch_size=1)
    torch.testing.assert_close(together, one_by_one, atol=1e-5, rtol=0)
    torch.testing.assert_close(together.norm(dim=1), torch.ones(5))


def test_an_image_finds_itself(config, checkpoint, images):
    features = extract_features(init_model(config, checkpoint), images, Modality.INFRARED)
    index, similarity = rank(features, features, top=3)
    assert index[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert (similarity[:, 0] >= similarity[:, 1]).all() and similarity.shape == (5, 3)


def test_a_checkpoint_of_another_architecture_is_refused(config, tmp_path):
    torch.save({'state_dict': {'stem.weight': torch.zeros(1)}}, tmp_path / 'other.pth')
    with pytest.raises(RuntimeError, match='stem.weight'):
        init_model(config, str(tmp_path / 'other.pth'))


def test_no_weights_for_the_start_are_looked_for(config, checkpoint, tmp_path):
    cfg = load_config(config, {'model.backbone.encoder.pretrained': str(tmp_path / 'nowhere.pth')})
    cfg.dump(tmp_path / 'config.py')
    assert init_model(str(tmp_path / 'config.py'), checkpoint).backbone.encoder.pretrained is not None
