import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from PIL import Image

from haresreid.apis import extract_feature_set, extract_features, load_trained
from haresreid.config.config import config_hash, load_config
from haresreid.evaluation.results import describe_checkpoint
from haresreid.registry import MODELS
from haresreid.structures import Modality


@pytest.fixture(autouse=True)
def root(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)


def checkpoint_of(config, path, **dataset_meta):
    torch.manual_seed(0)
    init_default_scope('haresreid')
    model = MODELS.build(load_config(config).model)
    torch.save({'state_dict': model.state_dict(), 'meta': dict(dataset_meta=dataset_meta)}, path)
    return str(path)


def test_features_of_a_test_set(tmp_path):
    rng = np.random.default_rng(0)
    lines = ['path,pid,camera,modality,split']
    for pid in (4, 7):
        for camera, modality in ((1, 'visible'), (2, 'infrared'), (3, 'visible')):
            Image.fromarray(rng.integers(0, 256, (96, 48, 3), dtype=np.uint8)).save(tmp_path / f'{pid}_{camera}.png')
            lines.append(f'{pid}_{camera}.png,{pid},{camera},{modality},test')
    (tmp_path / 'manifest.csv').write_text('\n'.join(lines))
    cfg = load_config('configs/haresformer_synth.py')
    pipeline = cfg.test_dataloader.dataset.pipeline
    cfg.test_dataloader.update(batch_size=4, num_workers=0, persistent_workers=False)
    cfg.test_dataloader.dataset = dict(type='ManifestDataset', data_root='nowhere', subset='test', pipeline=pipeline)
    config = str(tmp_path / 'own.py')
    cfg.dump(config)
    checkpoint = checkpoint_of(config, tmp_path / 'model.pth')

    model, loaded = load_trained(config, checkpoint, data_root=str(tmp_path))
    feature_set = extract_feature_set(model, loaded, checkpoint)
    paths = [str(tmp_path / f'{pid}_{camera}.png') for pid in (4, 7) for camera in (1, 2, 3)]
    assert feature_set.img_paths == paths
    assert feature_set.pids.tolist() == [4, 4, 4, 7, 7, 7] and feature_set.camids.tolist() == [1, 2, 3] * 2
    assert feature_set.modalities.tolist() == [0, 1, 0] * 2
    expected = extract_features(model, paths, Modality.VISIBLE)  # both modalities share every weight
    np.testing.assert_allclose(feature_set.features, expected.numpy(), atol=1e-5)
    assert feature_set.info['dataset']['images'] == dict(visible=4, infrared=2)
    assert feature_set.info['config'] == dict(name='own', hash=config_hash(loaded))
    assert feature_set.info['checkpoint'] == describe_checkpoint(checkpoint)
    assert (feature_set.info['feature'], feature_set.info['flip']) == ('post_bn', False)


def test_images_are_of_the_split_of_the_checkpoint(tmp_path):
    config = 'configs/haresformer_synth_regdb.py'
    assert load_config(config).test_dataloader.dataset.split == 1
    checkpoint = checkpoint_of(config, tmp_path / 'model.pth', dataset='SynVI', split=3)
    _, cfg = load_trained(config, checkpoint)
    assert cfg.test_dataloader.dataset.split == cfg.train_dataloader.dataset.split == 3


@pytest.mark.parametrize('name, train_root', [('', 'moved'), ('_shipped', 'data/SynVI/easy_sysu_shipped')])
def test_a_training_set_in_the_same_folder_moves_along(tmp_path, name, train_root):
    config = f'configs/haresformer_synth{name}.py'
    _, cfg = load_trained(config, checkpoint_of(config, tmp_path / 'model.pth'), data_root='moved')
    assert (cfg.test_dataloader.dataset.data_root, cfg.train_dataloader.dataset.data_root) == ('moved', train_root)


def test_refusals(tmp_path):
    checkpoint = checkpoint_of('configs/haresformer_lite_synth.py', tmp_path / 'model.pth')
    with pytest.raises(ValueError, match='is of another architecture than configs/haresformer_synth.py: use'):
        load_trained('configs/haresformer_synth.py', checkpoint)
    with pytest.raises(FileNotFoundError, match='no checkpoint at nowhere.pth'):
        load_trained('configs/haresformer_synth.py', 'nowhere.pth')
