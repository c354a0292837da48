from urllib.error import URLError

import pytest
import torch

from haresreid.config.config import load_config
from haresreid.files.checkpoint_file import read_checkpoint
from haresreid.files.paths import CONFIGS
from haresreid.models import ReIDVisionTransformer
from haresreid.models.backbones.pretrained import fetch_weights
from haresreid.registry import MODELS


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty torch hub cache, and no network but for what is asked for."""
    asked = []

    def refuse(url, *_, **__):
        asked.append(url)
        raise URLError('Name or service not known')

    monkeypatch.setattr(torch.hub, 'download_url_to_file', refuse)
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path))
    return asked


def test_a_known_name_is_found_in_the_cache_or_downloaded(cache, tmp_path):
    with pytest.raises(
        FileNotFoundError, match='dinov2_vitb14_reg4_pretrain is not in the torch hub cache and cannot be'
    ):
        fetch_weights('dinov2_vitb14_reg4_pretrain')
    assert cache == ['https://dl.fbaipublicfiles.com/dinov2/dinov2_vitb14/dinov2_vitb14_reg4_pretrain.pth']
    (tmp_path / 'checkpoints' / 'dinov2_vitb14_reg4_pretrain.pth').touch()
    assert fetch_weights('dinov2_vitb14_reg4_pretrain').is_file()


def test_a_known_name_without_an_address_says_where_the_file_is(cache, tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        fetch_weights('vit_base_ics_cfs_lup')
    assert 'get the file from where https://github.com/damo-cv/TransReID-SSL says' in str(error.value)
    assert f'put vit_base_ics_cfs_lup.pth into {tmp_path / "checkpoints"}' in str(error.value) and not cache


def test_a_missing_file_of_a_vision_transformer_does_not_suggest_a_resnet(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        ReIDVisionTransformer(pretrained=str(tmp_path / 'vit.pth')).init_weights()
    assert 'get them from where docs/en/user_guides/weights.md says' in str(error.value)
    assert 'torchvision' not in str(error.value)


@pytest.mark.parametrize('name', ['alexnet_synvi', 'resnet18_synvi', 'vit_synvi'])
def test_start_weights_that_come_along_fit_the_config_that_made_them(name):
    checkpoint = read_checkpoint(fetch_weights(f'haresreid://{name}'))
    cfg = load_config(str(CONFIGS / 'pretrain' / f'{name}.py'))
    assert checkpoint['meta']['config']['name'] == name and checkpoint['meta']['epoch'] == cfg.train_cfg.max_epochs
    backbone = MODELS.build(dict(cfg.model.backbone, pretrained=f'haresreid://{name}'))
    backbone.init_weights()
    found = backbone.state_dict()
    assert found and all(torch.equal(found[key], checkpoint['state_dict'][f'backbone.{key}']) for key in found)


def test_other_start_weights_do_not_come_along():
    with pytest.raises(ValueError, match='No start weights called resnet50_synvi come with haresreid, only alexnet'):
        fetch_weights('haresreid://resnet50_synvi')
