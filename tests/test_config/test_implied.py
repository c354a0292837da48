import pytest

from haresreid.config.config import load_config
from haresreid.registry import MODELS

SYNTH = 'configs/haresformer_synth.py'
SAMPLER = 'train_dataloader.sampler'


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)


@pytest.mark.parametrize(
    'config, overrides, size',
    [
        (SYNTH, {}, 64),
        (SYNTH, {f'{SAMPLER}.num_ids': 4}, 32),
        (SYNTH, {f'{SAMPLER}.num_instances': 8}, 128),
        (SYNTH, {f'{SAMPLER}.num_ids': 4, 'train_dataloader.batch_size': 32}, 32),
        ('configs/haresformer_sysu.py', {}, 32),
        ('configs/baselines/hc_tri_llcm_paper.py', {}, 96),
    ],
)
def test_the_batch_size_follows_from_the_sampler(config, overrides, size):
    assert load_config(config, overrides).train_dataloader.batch_size == size


@pytest.mark.parametrize(
    'overrides',
    [
        {'train_dataloader.batch_size': 32},
        {'train_dataloader.batch_size': 128},
        # neither of these mends it: the losses of each step see what the loader gives them
        {'train_dataloader.batch_size': 32, 'train_dataloader.drop_last': True},
        {'train_dataloader.batch_size': 32, 'optim_wrapper.accumulative_counts': 2},
    ],
)
def test_a_batch_that_the_loader_would_cut_is_refused(overrides):
    size = overrides['train_dataloader.batch_size']
    with pytest.raises(ValueError, match=f'batch_size is {size}, and its sampler lays out batches of 64 images: leave'):
        load_config(SYNTH, overrides)


def test_a_sampler_without_identities_leaves_the_batch_size_to_the_config():
    sampler = dict(_delete_=True, type='DefaultSampler', shuffle=True)
    cfg = load_config(SYNTH, {SAMPLER: sampler, 'train_dataloader.batch_size': 7})
    assert cfg.train_dataloader.batch_size == 7


@pytest.mark.parametrize(
    'config, overrides, num_classes',
    [
        ('configs/haresformer_sysu.py', {}, 395),
        ('configs/haresformer_regdb.py', {}, 206),
        ('configs/haresformer_llcm.py', {}, 713),
        (SYNTH, {}, 400),
        (SYNTH, {'train_dataloader.dataset.num_ids': (20, 5, 9)}, 25),
        (SYNTH, {'model.head.num_classes': 400}, 400),
        ('configs/haresformer_synth_regdb.py', {}, 100),
    ],
)
def test_the_number_of_classes_follows_from_the_data_set(config, overrides, num_classes):
    assert load_config(config, overrides).model.head.num_classes == num_classes


def test_another_number_of_classes_is_refused():
    with pytest.raises(ValueError, match='num_classes is 395, and the training set has 400 identities: leave num_clas'):
        load_config(SYNTH, {'model.head.num_classes': 395})


@pytest.mark.parametrize('config', [SYNTH, 'configs/baselines/agw_synth.py', 'configs/baselines/hc_tri_synth.py'])
def test_a_model_of_unknown_people_has_no_classifier(config):
    own = {'train_dataloader.dataset': dict(_delete_=True, type='ManifestDataset', data_root='nowhere')}
    head = MODELS.build(dict(load_config(config, own).model, _scope_='haresreid')).head
    assert not any('classifier' in name for name in head.state_dict())


@pytest.mark.parametrize(
    'config, overrides, size',
    [
        ('configs/baselines/vit_sysu_unified.py', {}, (288, 144)),
        ('configs/baselines/vit_sysu_paper.py', {}, (256, 128)),
        ('configs/baselines/pmt_regdb_paper.py', {}, (256, 128)),  # resized, never cropped
        ('configs/baselines/vit_sysu_paper.py', {'model.backbone.img_size': (384, 128)}, (384, 128)),
        ('configs/baselines/agw_sysu_unified.py', {}, None),
    ],
)
def test_the_positions_size_follows_from_the_images(config, overrides, size):
    assert load_config(config, overrides).model.backbone.get('img_size') == size


def test_a_dumped_config_reads_as_the_one_it_was_dumped_from(tmp_path):
    cfg = load_config(SYNTH, {f'{SAMPLER}.num_ids': 4})
    cfg.dump(tmp_path / 'dumped.py')
    assert load_config(str(tmp_path / 'dumped.py')).to_dict() == cfg.to_dict()
