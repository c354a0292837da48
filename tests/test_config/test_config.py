import pytest

from haresreid.config.config import config_hash, image_size, load_config, read_overrides
from haresreid.reproduce.paper import variant_overrides

SYNTH = 'configs/haresformer_synth.py'


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)


@pytest.mark.parametrize(
    'override, message',
    [
        ({'model.backbone.stage.num_head': 2}, r"'num_head' in model\.backbone\.stage: did you mean 'num_heads'\?"),
        ({'model.backbone.num_heads': 2}, r"'num_heads' in model\.backbone: did you mean 'stage\.num_heads'\?"),
        ({'optim_wrapper.lr': 0.5}, r"'lr' in optim_wrapper: did you mean 'optimizer\.lr'\?"),
        (
            {'model.criterion.losses.hc_tri.margn': 0.5},
            r"'margn' in model\.criterion\.losses\.hc_tri: did you mean 'margin'\?",
        ),
        ({'optim_wrapper.optimizer.learning_rat': 0.5}, r"'learning_rat' in optim_wrapper\.optimizer"),
        ({'train_dataloader.batchsize': 8}, r"'batchsize' in train_dataloader: did you mean 'batch_size'\?"),
        ({'train_dataloader.sampler.num_id': 8}, r"'num_id' in train_dataloader\.sampler: did you mean 'num_ids'\?"),
        ({'modl.head.test_feature': 'pre_bn'}, r"'modl\.head\.test_feature' in --cfg-options: did you mean 'model'\?"),
    ],
)
def test_unknown_key_is_refused_with_the_nearest_known_one(override, message):
    with pytest.raises(ValueError, match=message):
        load_config(SYNTH, override)


@pytest.mark.parametrize(
    'override, place',
    [
        ({'default_hooks.loss_ramp': 1}, r'default_hooks\.loss_ramp'),
        ({'model.criterion.losses.mmd': 0.5}, r'model\.criterion\.losses\.mmd'),
        (
            {'model.criterion.losses.own': dict(type='IDLoss', feature='logits', weight=dict(to=2.0))},
            r'model\.criterion\.losses\.own\.weight',
        ),
    ],
)
def test_what_has_no_type_is_refused_by_its_place(override, place):
    with pytest.raises(ValueError, match=f'{place} must be a dict with a type, not '):
        load_config(SYNTH, override)


def test_known_keys_pass():
    cfg = load_config(SYNTH, {'model.backbone.stage.num_heads': 2, 'optim_wrapper.optimizer.lr': 0.5})
    assert cfg.model.backbone.stage.num_heads == 2


def test_misspelt_key_at_the_top_of_a_file(tmp_path):
    (tmp_path / 'bad.py').write_text('train_cgf = dict(max_epochs=1)\n')
    with pytest.raises(ValueError, match="'train_cgf' at the top of .*bad.py: did you mean 'train_cfg'"):
        load_config(str(tmp_path / 'bad.py'))


def test_missing_file_names_the_nearest():
    with pytest.raises(
        FileNotFoundError,
        match='no config file at configs/haresformer_synt.py; did you mean configs/haresformer_synth.py',
    ):
        load_config('configs/haresformer_synt.py')


REGDB = 'configs/haresformer_synth_regdb.py'


@pytest.mark.parametrize(
    'override',
    [
        {
            'work_dir': '/elsewhere',
            'load_from': 'epoch_1.pth',
            'resume': True,
            'launcher': 'pytorch',
            'log_level': 'DEBUG',
        },
        {f'{loader}_dataloader.dataset.data_root': '/elsewhere' for loader in ('train', 'val', 'test')},
        {f'{loader}_dataloader.dataset.split': 7 for loader in ('train', 'val', 'test')},
        {
            'default_hooks.logger.interval': 1,
            'default_hooks.checkpoint.max_keep_ckpts': 9,
            'visualizer.vis_backends': [dict(type='TensorboardVisBackend')],
            'log_processor': dict(window_size=3),
        },
        {'optim_wrapper.optimizer.fused': False, 'model.backbone.checkpoint_stages': (0, 1)},
    ],
)
def test_the_hash_stays_where_only_places_and_logging_change(override):
    assert config_hash(load_config(REGDB, override)) == config_hash(load_config(REGDB))


@pytest.mark.parametrize(
    'override',
    [
        {'optim_wrapper.optimizer.lr': 0.0041},
        {'randomness.seed': 1},
        {'model.head.test_feature': 'pre_bn'},
        {'model.criterion.losses.aux.feature': ['cls_4', 'cls_3', 'global_agg']},
        {'test_dataloader.dataset.images_per_camera': 3},
        {'test_evaluator.protocols.0.direction': 'i2v'},
        {'model.backbone.encoder.pretrained': 'torchvision://resnet18'},
    ],
)
def test_the_hash_changes_with_what_determines_the_result(override):
    assert config_hash(load_config(REGDB, override)) != config_hash(load_config(REGDB))


def test_the_hash_knows_a_file_by_its_name():
    key = 'model.backbone.encoder.pretrained'
    here, there, other = (
        config_hash(load_config(REGDB, {key: path})) for path in ('/a/r18.pth', 'b/r18.pth', '/a/r34.pth')
    )
    assert here == there != other


def test_a_dumped_config_has_the_hash_of_its_source(tmp_path):
    cfg = load_config(REGDB, {'train_dataloader.dataset.num_ids': (8, 0, 8)})
    cfg.dump(tmp_path / 'dumped.py')
    assert config_hash(load_config(str(tmp_path / 'dumped.py'))) == config_hash(cfg)
    assert len(config_hash(cfg)) == 16


@pytest.mark.parametrize(
    'path, size',
    [
        ('configs/haresformer_sysu.py', (288, 144)),
        (SYNTH, (96, 48)),
        ('configs/baselines/agw_synth.py', (96, 48)),  # a CNN does not say; its pipeline crops to it
        ('configs/baselines/caj_synth.py', (96, 48)),  # in a step of a step
        ('configs/baselines/jsia_sysu_paper.py', (256, 128)),  # no crop, only a resize
        ('configs/_base_/models/agw.py', (288, 144)),  # no data
    ],
)
def test_image_size(path, size):
    assert image_size(load_config(path)) == size


@pytest.mark.parametrize('suffix', ['yaml', 'json', 'txt'])
def test_a_file_that_looks_like_data_is_not_executed(suffix, tmp_path):
    (tmp_path / f'a.{suffix}').write_text(f"model: !!python/object/apply:os.mkdir ['{tmp_path / 'executed'}']")
    with pytest.raises(ValueError, match=r'a config of haresreid is a \.py file'):
        load_config(str(tmp_path / f'a.{suffix}'))
    assert not (tmp_path / 'executed').exists()


def test_an_import_of_a_name_that_is_gone_is_told(tmp_path):
    (tmp_path / 'own.py').write_text('from haresreid.engine import LossRampHook\nmodel = dict()\n')
    with pytest.raises(ValueError, match='cannot be read as a config .*Failed to import LossRampHook .* line 1'):
        load_config(str(tmp_path / 'own.py'))


def test_a_variant_is_no_override():
    with pytest.raises(ValueError, match='variant=id would only rename the run'):
        read_overrides(['variant=id'])


@pytest.mark.parametrize(
    'variant, features',
    [
        (None, dict(wr_tri='embed', wr_tri_aux=['cls_4', 'global_agg'], wr_tri_patch='patch_4')),
        ('id', {}),
        ('id_hc', dict(wr_tri='embed')),
        ('aux_s14', dict(wr_tri='embed', wr_tri_aux=['cls_1', 'cls_4'], wr_tri_patch='patch_4')),
    ],
)
def test_a_loss_beside_another_goes_where_that_goes(variant, features):
    losses = load_config(SYNTH, variant_overrides(variant)).model.criterion.losses
    assert {name: losses[name].feature for name in losses if name.startswith('wr_tri')} == features
    assert not any('beside' in loss for loss in losses.values())


@pytest.mark.parametrize(
    'path, weight', [('configs/haresformer_sysu.py', 0.75), (SYNTH, dict(begin=0.6, end=0.8, to=0.75))]
)
def test_a_variant_s_weight_is_where_a_schedule_ends(path, weight):
    found = load_config(path, variant_overrides('lambda_075')).model.criterion.losses.aux.weight
    assert weight == (found if isinstance(found, float) else {key: found[key] for key in weight})


def test_a_loss_beside_none_is_refused():
    with pytest.raises(ValueError, match="loss 'wr_tri' stands beside 'hc_tr', which is none: did you mean 'hc_tri'"):
        load_config(SYNTH, {'model.criterion.losses.wr_tri.beside': 'hc_tr'})


@pytest.mark.parametrize('variant', ['id', 'aux_s14', 'h1_l2'])
def test_a_variant_of_another_method_is_refused(variant):
    with pytest.raises(ValueError, match=f'the variant {variant} does not fit .*agw_sysu_paper.py: variants change'):
        load_config('configs/baselines/agw_sysu_paper.py', variant_overrides(variant))


def test_a_config_in_any_folder_inherits_one_that_comes_with_haresreid(tmp_path):
    (tmp_path / 'own.py').write_text(
        'from mmengine.config import read_base\n'
        'with read_base():\n'
        '    from haresreid.configs.haresformer_synth import *\n'
        'train_cfg.update(max_epochs=1)\n'
    )
    own, base = load_config(str(tmp_path / 'own.py')), load_config(SYNTH)
    assert own.train_cfg.max_epochs == 1
    assert own.model.to_dict() == base.model.to_dict()


@pytest.mark.parametrize(
    'override, wanted',
    [
        ({'model.backbone.encoder.strides': 1}, r'encoder\.strides must be a list, each a whole number, not 1'),
        ({'model.backbone.encoder.strides': [1.5, 2, 2, 1]}, r'strides must be a list, each a whole number'),
        ({'model.backbone.patch_sizes': None}, r'patch_sizes must be a list, each a whole number, not None'),
        ({'model.backbone.checkpoint_stages': 'abc'}, r'checkpoint_stages must be a list, each a whole number'),
    ],
)
def test_the_items_of_a_list_are_checked(override, wanted):
    with pytest.raises(ValueError, match=wanted):
        load_config(SYNTH, override)


def test_a_variant_that_supervises_a_stage_that_is_not_there_is_refused():
    lite = 'configs/haresformer_lite_synth.py'
    with pytest.raises(
        ValueError, match='variant aux_s14 does not fit .* supervises cls_1, cls_4, and this model has 3'
    ):
        load_config(lite, variant_overrides('aux_s14'))
    assert load_config(lite, variant_overrides('aux_s3')).variant == 'aux_s3'
