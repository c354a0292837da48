import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from PIL import Image
from safetensors.torch import save_file

from haresreid.apis import VIReIDInferencer, extract_features, get_model, init_model, rank
from haresreid.config.config import load_config
from haresreid.registry import MODELS
from haresreid.structures import Modality


@pytest.fixture
def config() -> str:
    return 'configs/haresformer_synth.py'


def save_random(cfg, path) -> str:
    torch.manual_seed(0)
    init_default_scope('haresreid')
    model = MODELS.build(cfg.model)
    model.init_weights()
    torch.save({'state_dict': model.state_dict()}, path)
    return str(path)


@pytest.fixture
def checkpoint(config, tmp_path) -> str:
    return save_random(load_config(config), tmp_path / 'model.pth')


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


def test_own_data_need_not_be_there_to_use_what_was_trained_on_them(config, checkpoint, images):
    """How many identities they show, only the data tell: the model has no classifier, which no feature needs."""
    own = dict(_delete_=True, type='ManifestDataset', data_root='nowhere')
    model = init_model(load_config(config, {'train_dataloader.dataset': own}), checkpoint)
    assert model.head.num_classes is None
    expected = extract_features(init_model(config, checkpoint), images, Modality.VISIBLE)
    assert torch.equal(extract_features(model, images, Modality.VISIBLE), expected)


def test_a_checkpoint_of_another_architecture_is_refused(config, tmp_path):
    torch.save({'state_dict': {'stem.weight': torch.zeros(1)}}, tmp_path / 'other.pth')
    with pytest.raises(ValueError, match='of another architecture than .*stem.weight'):
        init_model(config, str(tmp_path / 'other.pth'))


def test_a_checkpoint_of_another_reading_of_the_paper_is_refused_with_the_options_that_it_needs(tmp_path):
    cfg = load_config('configs/haresformer_synth.py')
    cfg.model.backbone.stage.update(final_norm=True)
    checkpoint = save_random(cfg, tmp_path / 'model.pth')
    cfg.model.backbone.stage.update(final_norm=False)
    with pytest.raises(ValueError, match='another reading .* fits with model.backbone.stage.final_norm=True, in'):
        init_model(cfg, checkpoint)
    cfg.model.backbone.stage.update(final_norm=True)
    init_model(cfg, checkpoint)


def test_no_weights_for_the_start_are_looked_for(config, checkpoint, tmp_path):
    cfg = load_config(config, {'model.backbone.encoder.pretrained': str(tmp_path / 'nowhere.pth')})
    cfg.dump(tmp_path / 'config.py')
    assert init_model(str(tmp_path / 'config.py'), checkpoint).backbone.encoder.pretrained is not None


def test_a_model_by_name_has_random_weights_or_those_of_a_file(checkpoint, images):
    model = get_model('haresformer_synth', checkpoint)
    assert (model.training, model.image_size, len(model.test_pipeline.transforms)) == (False, (96, 48), 3)
    same = init_model('configs/haresformer_synth.py', checkpoint)
    torch.testing.assert_close(model.state_dict(), same.state_dict(), atol=0, rtol=0)
    random = get_model('haresformer_synth')
    assert not torch.equal(*(one.backbone.encoder.conv1.weight for one in (random, model)))
    with pytest.raises(ValueError, match='no weights of agw_synth come with haresreid'):
        get_model('agw_synth', pretrained=True)
    with pytest.raises(ValueError, match='is of another architecture than .*agw_synth.py: use the config'):
        get_model('agw_synth', checkpoint)


def test_weights_that_come_with_the_package_need_no_classifier(checkpoint, images, tmp_path, monkeypatch):
    monkeypatch.setattr('haresreid.apis.model_names.WEIGHTS', tmp_path)
    weights = torch.load(checkpoint, weights_only=True)['state_dict']
    released = {key: value for key, value in weights.items() if not key.startswith('head.classifier')}
    assert len(released) < len(weights)
    save_file(released, tmp_path / 'haresformer_synth.safetensors')
    expected = extract_features(init_model('configs/haresformer_synth.py', checkpoint), images, Modality.VISIBLE)
    found = extract_features(get_model('haresformer_synth', pretrained=True), images, Modality.VISIBLE)
    torch.testing.assert_close(found, expected, atol=0, rtol=0)
    by_default = VIReIDInferencer('haresformer_synth', device='cpu')(images, 'visible')
    np.testing.assert_array_equal(by_default.features, expected.numpy())

    save_file(dict(list(released.items())[:-1]), tmp_path / 'haresformer_synth.safetensors')
    with pytest.raises(ValueError, match='is of another architecture .*missing keys'):
        get_model('haresformer_synth', pretrained=True)
    (tmp_path / 'haresformer_synth.safetensors').write_bytes(b'version https://git-lfs.github.com/spec/v1')
    with pytest.raises(ValueError, match='haresformer_synth.safetensors cannot be read as a checkpoint'):
        get_model('haresformer_synth', pretrained=True)


def test_a_classifier_of_other_identities_is_left_out(config, images, tmp_path):
    ours, theirs = load_config(config), load_config(config)
    ours.model.head.num_classes, theirs.model.head.num_classes = 3, 5
    checkpoint = save_random(theirs, tmp_path / 'model.pth')
    expected = extract_features(init_model(theirs, checkpoint), images, Modality.VISIBLE)
    assert torch.equal(extract_features(init_model(ours, checkpoint), images, Modality.VISIBLE), expected)
