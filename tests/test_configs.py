"""Every config under configs/ builds, trains a step and predicts, a narrow network in the place of its own."""

import copy
from functools import cache
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import PARAM_SCHEDULERS, init_default_scope
from PIL import Image

from haresreid.config.classes import class_of
from haresreid.config.config import load_config
from haresreid.costs.complexity import count_flops
from haresreid.datasets import (
    AlternatingIdentitySampler,
    ByRole,
    ClusterSampler,
    JointIdentitySampler,
    PlanarNormalize,
    RandomErasing,
    VisibleRandomGrayscale,
)
from haresreid.engine import ClusterHook, TeacherHook, WeightMeanHook
from haresreid.models import (
    ClusterMemory,
    DisentanglingVIReID,
    IDLoss,
    JointAlignmentVIReID,
    TwoStreamAlexNet,
    VIReID,
)
from haresreid.registry import HOOKS, METRICS, MODELS, TRANSFORMS
from haresreid.structures import Modality, ReIDBatch

ROOT = Path(__file__).parents[1]
CONFIGS = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / 'configs').rglob('*.py') if '_base_' not in path.parts
)
OURS = ('haresformer', 'light', 'person_vit', 'person_vit_camera')  # their configs are not in configs/baselines
UNSUPERVISED = ('adca', 'pgm')  # theirs are in configs/unsupervised
METHODS = sorted(
    path.stem for path in (ROOT / 'configs/_base_/models').glob('*.py') if path.stem not in OURS + UNSUPERVISED
)
# people, and what chooses the best checkpoint: in HAResformer's recipe, in the released code of other methods
DATASETS = dict(
    sysu=(395, 'sysu/all/mAP', 'sysu/all/R1-first-draw'),
    regdb=(206, 'regdb/v2i/mAP', 'regdb/v2i/R1'),
    llcm=(713, 'llcm/v2i/mAP', 'llcm/v2i/R1-first-draw'),
)
SIZE = (96, 48)


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    init_default_scope('haresreid')


@pytest.fixture(scope='module')
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp('photo') / 'photo.png'
    Image.fromarray(np.random.RandomState(0).randint(0, 256, (*SIZE, 3), dtype=np.uint8)).save(path)
    return str(path)


@cache
def load(path: str) -> Config:
    return load_config(path)


def build_narrow(cfg: Config) -> VIReID:
    """The config's model for two people, without pretrained weights, a ResNet in it eight channels wide."""
    cfg = Config(dict(model=cfg.to_dict()['model'])).model
    encoder = cfg.backbone.get('encoder', cfg.backbone)
    encoder.update(pretrained=None)
    if 'depth' in encoder:  # of a ResNet; the light model is light enough
        _narrow(cfg, encoder)
    if 'discriminators' in cfg:
        _narrow_images(cfg, widths=tuple((4 if encoder.depth >= 50 else 1) * 8 * 2**stage for stage in range(4)))
    if class_of(encoder.type) is TwoStreamAlexNet:
        encoder.update(base_channels=6, fc_channels=8, stride=2)
        cfg.head.update(dict(in_channels=8, channels=8) if 'channels' in cfg.head else dict(in_channels=8))
    if 'arch' in encoder:
        cfg.backbone.update(img_size=SIZE, arch=dict(embed_dims=24, num_layers=2, num_heads=2, feedforward_channels=48))
        cfg.head.update(in_channels=24)
    cfg.head.update(num_classes=2)
    torch.manual_seed(0)
    model = MODELS.build(cfg)
    model.init_weights()
    return model


def _narrow_images(cfg: Config, widths: tuple[int, ...]) -> None:
    """Make generator and discriminators four channels wide, and let all turns begin at once."""
    cfg.update(warmup=0)
    cfg.generator.update(base_channels=4)
    for part in cfg.discriminators.values():
        part.update(base_channels=4)
    if class_of(cfg.type) is DisentanglingVIReID:
        cfg.backbone.update(prototype_channels=4)
        cfg.generator.update(content_channels=widths[0], code_channels=widths[-1])
        return
    for part in cfg.discriminators.values():
        part.update(num_layers=3)
    if class_of(cfg.type) is JointAlignmentVIReID:
        cfg.update(network_epochs=0)
        cfg.backbone.update(size=None)
        cfg.discriminators.infrared.update(feature_channels=widths[-1])
    else:
        cfg.generator.update(content_channels=widths[0], code_channels=8)


def _narrow(cfg: Config, encoder: Config) -> None:
    """Make the model's ResNet eight channels wide, and fit what depends on the width to that."""
    encoder.update(base_channels=8)
    stages = range(len(encoder.get('strides', (1, 2, 2, 1))))
    widths = tuple(8 * (4 if encoder.depth >= 50 else 1) * 2**stage for stage in stages)
    if 'img_size' in cfg.backbone:
        cfg.backbone.update(img_size=SIZE)
    for part in (cfg.get('neck'), cfg.head, *cfg.criterion.losses.values()):
        if part and 'in_channels' in part:
            part.update(in_channels=widths[cfg.backbone.get('expand_after', 3)])
    if 'stage_channels' in cfg.head:
        cfg.head.update(stage_channels=widths)


def batch_of(loader: Config, photo: str) -> dict:
    """Two people, two images a modality, as the pipeline gives them; pixels are drawn, at the narrow model's size."""
    pipeline = loader.dataset.pipeline
    roles: dict = {None: SIZE}
    if loader.get('sampler', {}).get('type') is JointIdentitySampler:
        resized = any('size' in step for part in pipeline if part.type is ByRole for step in part.generator)
        roles['generator'] = (SIZE[0] // 2, SIZE[1] // 2) if resized else SIZE
    pipeline = Compose([TRANSFORMS.build(step) for step in pipeline])
    items = []
    for (role, size), modality in product(roles.items(), (0, 1)):
        item = pipeline(dict(img_path=photo, pid=0, camid=1, modality=modality, gt_label=0, role=role))
        for label in (0, 0, 1, 1):
            sample = item['data_samples'].clone()
            sample.set_metainfo(dict(gt_label=label))
            items.append(dict(inputs=torch.randn(*item['inputs'].shape[:-2], *size), data_samples=sample))
    return pseudo_collate(items)


def _two_clusters(channels: int) -> ClusterMemory:
    """Two clusters of each modality, and their partners."""
    means = {modality: torch.nn.functional.normalize(torch.randn(2, channels)) for modality in Modality}
    return ClusterMemory(means, dict.fromkeys(Modality, torch.tensor([1, 0])), momentum=0.2)


@pytest.mark.parametrize('path', CONFIGS)
def test_every_config_builds_trains_a_step_and_predicts(path, photo):
    cfg = load(path)
    hooks = [HOOKS.build(hook) for hook in [*cfg.default_hooks.values(), *cfg.custom_hooks]]
    for evaluator in (cfg.val_evaluator, cfg.test_evaluator):
        METRICS.build(evaluator)
    assert cfg.val_dataloader.dataset == cfg.test_dataloader.dataset

    model = build_narrow(cfg)
    for hook in hooks:
        if isinstance(hook, TeacherHook):
            hook.before_train(SimpleNamespace(model=model, cfg=cfg))
        if isinstance(hook, ClusterHook):
            memory = _two_clusters(model.head.bnneck.num_features)
            for loss in model.criterion.losses.values():
                loss.memory = memory
    log = model.train_step(batch_of(cfg.train_dataloader, photo), build_optim_wrapper(model, cfg.optim_wrapper))
    losses = dict(cfg.model.criterion.losses)
    for criterion in cfg.model.get('image_criteria', {}).values():
        losses |= criterion.losses
    accuracies = {f'acc_{name}' for name, loss in losses.items() if loss.type is IDLoss}
    assert set(log) == {'loss', *accuracies, *(f'loss_{name}' for name in losses)}
    assert all(value.isfinite() for value in log.values())
    with torch.no_grad():
        samples = model.eval().test_step(batch_of(cfg.test_dataloader, photo))
    features = torch.stack([sample.pred_feature for sample in samples])
    assert len(features) == 8 and torch.allclose(features.norm(dim=1), torch.ones(8), atol=1e-4)


def test_the_papers_recipe_stands_in_the_sysu_config():
    """Section IV-A, equation 13."""
    cfg = load('configs/haresformer_sysu.py')
    losses = cfg.model.criterion.losses
    assert {name: loss.weight for name, loss in losses.items()} == dict(id=1.0, hc_tri=2.0, mmd=0.25, aux=0.5)
    assert (losses.hc_tri.margin, losses.mmd.margin, losses.aux.feature) == (0.3, 1.4, ['cls_4', 'global_agg'])
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.lr, optimizer.momentum, optimizer.weight_decay) == (0.01, 0.9, 5e-4)
    (schedule,) = cfg.param_scheduler
    assert (schedule.milestones, schedule.gamma, cfg.train_cfg.max_epochs) == ([30], 0.1, 80)


def recipe(cfg: Config) -> dict:
    """What the runner reads: without the names that the file imports, and without loop variables."""
    return {key: copy.deepcopy(value) for key, value in cfg.to_dict().items() if isinstance(value, (dict, list))}


@pytest.mark.parametrize('name', [*DATASETS, 'synth_wide'])
def test_the_stable_recipe_is_the_papers_with_three_additions(name):
    paper, stable = (recipe(load(f'configs/haresformer_{name}{suffix}.py')) for suffix in ('', '_stable'))
    assert stable['optim_wrapper'].pop('clip_grad') == dict(max_norm=2)
    rates = stable['optim_wrapper'].pop('paramwise_cfg')
    assert rates == dict(custom_keys=dict(transformers=dict(lr_mult=0.125), hgae=dict(lr_mult=0.125)))
    warm_up = stable['param_scheduler'].pop(0)
    assert (warm_up['type'].rsplit('.')[-1], warm_up['begin'], warm_up['end']) == ('LinearLR', 0, 1)
    assert stable == paper


def test_the_wide_config_on_synvi_is_the_papers_but_for_data_image_size_and_start():
    wide, paper = (recipe(load(f'configs/haresformer_{name}.py')) for name in ('synth_wide', 'sysu'))
    backbone = dict(wide['model']['backbone'], img_size=(288, 144))
    backbone['encoder'] = dict(backbone['encoder'], pretrained='torchvision://resnet50')
    head = dict(wide['model']['head'], num_classes=395)
    assert dict(wide['model'], backbone=backbone, head=head) == paper['model']
    for key in ('optim_wrapper', 'param_scheduler', 'train_cfg', 'default_hooks', 'custom_hooks'):
        assert wide[key] == paper[key]
    assert wide['train_dataloader']['sampler'] == paper['train_dataloader']['sampler']
    start = load('configs/pretrain/resnet50_synvi.py').model.backbone
    assert all(start[key] == backbone['encoder'][key] for key in ('depth', 'base_channels'))


@pytest.mark.parametrize(
    'name, weight, stages, num_classes',
    [
        ('sysu', 0.5, ['cls_4', 'global_agg'], 395),
        ('llcm', 0.5, ['cls_4', 'global_agg'], 713),
        ('regdb', 0.25, ['cls_3', 'cls_4', 'global_agg'], 206),
    ],
)
def test_auxiliary_supervision_per_data_set(name, weight, stages, num_classes):
    model = load(f'configs/haresformer_{name}.py').model
    aux = model.criterion.losses.aux
    assert (aux.weight, aux.feature, model.head.num_classes) == (weight, stages, num_classes)


PAPER_RATES = {
    epoch: (0.01, 0.01) if epoch < 30 else (0.001, 0.001) for epoch in (0, 9, 10, 19, 20, 29, 30, 49, 50, 79)
}
AGW_RATES = {
    0: (0.001, 0.01),
    4: (0.005, 0.05),
    9: (0.01, 0.1),
    10: (0.01, 0.1),
    19: (0.01, 0.1),
    20: (0.001, 0.01),
    29: (0.001, 0.01),
    30: (0.001, 0.01),
    49: (0.001, 0.01),
    50: (0.0001, 0.001),
    79: (0.0001, 0.001),
}
HC_RATES = {0: (0.001, 0.01), 29: (0.001, 0.01), 30: (0.0001, 0.001), 59: (0.0001, 0.001), 60: (0.00001, 0.0001)}


@pytest.mark.parametrize(
    'path, expected',
    [
        # epoch -> learning rate of (backbone, head): the paper's recipe, and that of AGW's code, which others took over
        ('configs/haresformer_sysu.py', PAPER_RATES),
        ('configs/haresformer_sysu_mmd_ref.py', AGW_RATES),
        ('configs/baselines/agw_sysu_paper.py', AGW_RATES),
        ('configs/baselines/ddag_sysu_paper.py', AGW_RATES),
        ('configs/baselines/hc_sysu_paper.py', HC_RATES),
        ('configs/baselines/dfln_vit_sysu_paper.py', HC_RATES),
        ('configs/baselines/hc_tri_regdb_paper.py', AGW_RATES),
        ('configs/baselines/mmn_llcm_paper.py', AGW_RATES),
    ],
)
def test_learning_rates_at_the_published_epochs(path, expected):
    cfg = load_config(path)
    cfg.model.backbone.get('encoder', cfg.model.backbone).update(depth=18)  # fewer groups of parameters
    cfg.model.backbone.pop('non_local', None)
    model = build_narrow(cfg)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    names = {id(weight): name for name, weight in model.named_parameters() if weight.requires_grad}
    # HGAE learns as the backbone does: the recipe's code has no such layer
    fast = {key for key, name in names.items() if name.startswith(('head.', 'neck.')) and 'hgae' not in name}
    schedulers = [PARAM_SCHEDULERS.build(dict(scheduler, optimizer=wrapper)) for scheduler in cfg.param_scheduler]
    for epoch in range(80):
        if epoch in expected:
            rates = {id(weight): group['lr'] for group in wrapper.optimizer.param_groups for weight in group['params']}
            for part, rate in zip((set(names) - fast, fast), expected[epoch]):
                found = [rates[key] for key in part]
                assert min(found) == max(found) == pytest.approx(rate), epoch
        wrapper.step()
        for scheduler in schedulers:
            scheduler.step()
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.momentum, optimizer.weight_decay) == (0.9, 5e-4)
    assert optimizer.get('nesterov', False) == (expected is not PAPER_RATES)


def test_a_method_without_labels_has_a_config_for_each_data_set_and_a_narrow_one():
    names = {f'{method}_{dataset}' for method in UNSUPERVISED for dataset in (*DATASETS, 'synth')}
    assert {path.stem for path in (ROOT / 'configs/unsupervised').glob('*.py')} == names


@pytest.mark.parametrize('dataset', [*DATASETS, 'synth'])
def test_methods_without_labels_train_agws_network_without_a_classifier_on_clusters(dataset):
    agw = load(f'configs/baselines/agw_{dataset}{"" if dataset == "synth" else "_unified"}.py').to_dict()
    adca, pgm = (load(f'configs/unsupervised/{method}_{dataset}.py').to_dict() for method in UNSUPERVISED)
    for cfg in (adca, pgm):
        assert cfg['model']['head'] == {**agw['model']['head'], 'num_classes': 0}
        assert cfg['model']['backbone'] == agw['model']['backbone']
        assert cfg['train_dataloader']['sampler']['type'].endswith('ClusterSampler')
        for key in ('val_dataloader', 'test_dataloader', 'val_evaluator', 'randomness'):
            assert cfg[key] == agw[key]
        *others, hook = cfg['custom_hooks']
        assert others == agw['custom_hooks'] and hook['type'].endswith('ClusterHook')
        assert hook['pipeline'] == cfg['test_dataloader']['dataset']['pipeline']
        if dataset == 'synth':
            assert all(cfg[key] == agw[key] for key in ('optim_wrapper', 'param_scheduler', 'train_cfg'))
    assert adca['custom_hooks'][-1]['match_from'] == pgm['custom_hooks'][-1]['match_from'] > 0
    losses = pgm['model']['criterion']['losses']
    assert losses.pop('cross')['weight'] == 0.25
    assert losses == adca['model']['criterion']['losses']


@pytest.mark.parametrize(
    'dataset, stage, step, batches, eps', [('sysu', 50, 20, 200, 0.6), ('regdb', 30, 10, 100, 0.3)]
)
def test_the_recipe_of_pgms_released_log(dataset, stage, step, batches, eps):
    cfg = load(f'configs/unsupervised/pgm_{dataset}.py')
    sampler, hook, optimizer = (
        cfg.train_dataloader.sampler,
        HOOKS.build(cfg.custom_hooks[-1]),
        cfg.optim_wrapper.optimizer,
    )
    assert sampler == dict(type=ClusterSampler, num_ids=16, num_instances=16, num_batches=batches)
    assert hook.density == dict(eps=eps, min_samples=4, k1=30, k2=6) and hook.momentum == 0.2
    assert (optimizer.lr, optimizer.weight_decay, cfg.model.criterion.losses.cluster.temperature) == (
        3.5e-4,
        5e-4,
        0.05,
    )
    assert hook.match_from == stage and cfg.train_cfg.max_epochs == 2 * stage
    rates = _rates(cfg, 2 * stage)
    for epoch in range(1, 2 * stage + 1):  # counted from 1
        expected = 3.5e-4 * 0.1 ** (((epoch - 1) % stage) // step)
        assert rates[epoch]['head.bnneck.weight'] == pytest.approx(expected), epoch


def test_a_baseline_has_two_configs_for_each_data_set_and_a_narrow_one():
    names = {
        f'{method}_{dataset}_{recipe}' for method in METHODS for dataset in DATASETS for recipe in ('paper', 'unified')
    }
    found = {path.stem for path in (ROOT / 'configs/baselines').glob('*.py')}
    assert found == names | {f'{method}_synth' for method in METHODS}


@pytest.mark.parametrize('dataset', DATASETS)
@pytest.mark.parametrize('method', METHODS)
def test_a_baseline_is_trained_as_haresformer_or_by_its_own_recipe(method, dataset):
    ours, unified, paper = (
        load(path).to_dict()
        for path in (
            f'configs/haresformer_{dataset}.py',
            *(f'configs/baselines/{method}_{dataset}_{recipe}.py' for recipe in ('unified', 'paper')),
        )
    )
    if method == 'jsia':
        assert paper['model'].pop('warmup') == 600
    if method == 'aligngan':
        assert [paper['model'].pop(key) for key in ('network_epochs', 'warmup')] == [50, 150]
        assert paper['model']['backbone'].pop('size') == (384, 192)
    if 'discriminators' in unified['model']:
        for cfg in (unified, paper):
            _leave_reid(cfg)
    num_classes, *best = DATASETS[dataset]
    for cfg, save_best in zip((unified, paper), best):
        assert cfg['model']['head']['num_classes'] == num_classes
        assert cfg['default_hooks']['checkpoint']['save_best'] == save_best
    if (method, dataset) == ('pmt', 'regdb'):  # colour comes after 6 of 36 epochs, elsewhere after a quarter
        _step_at(paper, 0.25)
    if 'img_size' in unified['model']['backbone']:  # a transformer: its positions are of the size of the images
        for cfg in (unified, paper):
            pipelines = [cfg[loader]['dataset']['pipeline'] for loader in ('train_dataloader', 'test_dataloader')]
            sizes = {step[key] for steps in pipelines for step in steps for key in ('size', 'crop_size') if key in step}
            assert sizes == {cfg['model']['backbone'].pop('img_size')}
    assert dict(paper['model'], flip_test=False) == unified['model']
    assert paper['model']['flip_test'] == (method in ('aligngan', 'caj', 'deen'))

    same = ['optim_wrapper', 'param_scheduler', 'train_cfg', 'val_evaluator', 'randomness']
    if method != 'zero_padding':
        same += ['val_dataloader', 'test_dataloader']
        if method not in ('caj', 'dtrm', 'pmt'):
            same += ['train_dataloader']
    same += [] if method == 'pmt' else ['custom_hooks']
    assert {key: unified[key] for key in same} == {key: ours[key] for key in same}
    assert unified['train_dataloader']['sampler'] == ours['train_dataloader']['sampler']
    for step in paper['val_dataloader']['dataset']['pipeline']:
        if 'size' in step:  # what a method's own recipe may change in the test
            step['size'] = (288, 144)
        if 'mean' in step and method in ('vit', 'transreid', 'mip', 'cmtr', 'tvtr'):  # as their weights want it
            step.update(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
    assert paper['val_dataloader'] == unified['val_dataloader']


def _leave_reid(cfg: dict) -> None:
    """Take out of a config what it has for a generator, and the range of values that a generator draws."""
    cfg['optim_wrapper'] = cfg['optim_wrapper']['reid']
    sheet = cfg['custom_hooks'].pop()
    assert sheet['type'].endswith('ImageSheetHook')
    loader = cfg['train_dataloader']
    sampler = loader['sampler']
    loader['batch_size'] -= 2 * np.prod(list(sampler.pop('generator').values()))
    sampler.update(type=load('configs/haresformer_sysu.py').to_dict()['train_dataloader']['sampler']['type'])
    pipeline = loader['dataset']['pipeline']
    for place in [number for number, step in enumerate(pipeline) if 'reid' in step]:
        pipeline[place : place + 1] = pipeline[place]['reid']
    for subset in ('train', 'val', 'test'):
        for step in cfg[f'{subset}_dataloader']['dataset']['pipeline']:
            if step.get('mean') == step.get('std') == (127.5,) * 3:
                step.update(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))


def _step_at(cfg: dict, at: float) -> None:
    """Move the point of the training at which weights of losses change."""
    for loss in cfg['model']['criterion']['losses'].values():
        if isinstance(loss['weight'], dict):
            loss['weight']['at'] = at


def steps(cfg: Config) -> list[str]:
    return [step.type.__name__ for step in cfg.train_dataloader.dataset.pipeline]


@pytest.mark.parametrize(
    'method, num_ids, num_instances, epochs',
    [
        ('agw', 8, 4, 81),
        ('caj', 8, 4, 100),
        ('hc_tri', 6, 8, 61),
        ('mmd_reid', 4, 4, 61),
        ('mmn', 4, 4, 81),
        ('bdtr', 8, 4, 81),
        ('hat', 8, 4, 81),
        ('ddag', 8, 4, 81),
        ('lba', 8, 4, 81),
    ],
)
def test_the_recipes_of_the_released_code(method, num_ids, num_instances, epochs):
    cfg = load(f'configs/baselines/{method}_sysu_paper.py')
    for key in ('optim_wrapper', 'param_scheduler'):
        assert cfg[key] == load('configs/baselines/agw_sysu_paper.py')[key]
    sampler = cfg.train_dataloader.sampler
    assert (sampler.num_ids, sampler.num_instances, cfg.train_cfg.max_epochs) == (num_ids, num_instances, epochs)
    plain = ['LoadReIDImage', 'LanczosResize', 'RandomCrop', 'RandomFlip', 'PlanarNormalize', 'PackReIDInputs']
    if method in ('mmd_reid', 'mmn'):
        assert steps(cfg) == [*plain[:-1], 'RandomErasing', 'PackReIDInputs']
    elif method == 'lba':
        assert steps(cfg) == [*plain[:2], *plain[3:]]
    elif method == 'caj':
        views = cfg.train_dataloader.dataset.pipeline[2]
        assert [step.type.__name__ for step in views.augment] == [*plain[2:-1], 'RandomErasing']
        assert views.augment[-1].fill == (0.4914, 0.4822, 0.4465)
        assert [len(view) for view in views.visible] == [0, 1]
    else:
        assert steps(cfg) == plain


def test_the_recipe_of_jsias_released_code():
    cfg = load('configs/baselines/jsia_sysu_paper.py')
    sampler, optimizers = cfg.train_dataloader.sampler, cfg.optim_wrapper
    assert (sampler.num_ids, sampler.num_instances, sampler.num_batches) == (16, 4, 200)
    assert sampler.generator == dict(num_ids=3, num_instances=3)
    for turn in ('generator', 'discriminator'):
        assert optimizers[turn].optimizer == dict(
            type=torch.optim.Adam, lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4, fused=True
        )
    assert optimizers.reid.optimizer == dict(type=torch.optim.Adam, lr=4.5e-4, weight_decay=5e-4, fused=True)
    (schedule,) = cfg.param_scheduler
    assert (cfg.model.warmup, schedule.milestones, cfg.train_cfg.max_epochs) == (600, [630], 650)
    _, resize, roles, _ = cfg.train_dataloader.dataset.pipeline
    assert (resize.size, roles.generator[0].size) == ((256, 128), (128, 64))
    assert [step.type.__name__ for step in roles.reid] == ['RandomFlip', 'PlanarNormalize']


@pytest.mark.parametrize('dataset, epochs, step_size', [('sysu', 200, 50), ('regdb', 100, 25), ('llcm', 200, 50)])
def test_the_recipe_of_hicmds_released_code(dataset, epochs, step_size):
    cfg = load(f'configs/baselines/hicmd_{dataset}_paper.py')
    assert cfg.train_dataloader.sampler.num_batches * cfg.train_cfg.max_epochs == 1000 * epochs
    for turn in ('generator', 'discriminator'):
        optimizer = cfg.optim_wrapper[turn].optimizer
        assert optimizer == dict(type=torch.optim.Adam, lr=1e-4, betas=(0.5, 0.999), fused=True)
    assert cfg.optim_wrapper.reid.optimizer == dict(
        type=torch.optim.SGD, lr=1e-3, momentum=0.9, weight_decay=1e-4, nesterov=True, fused=True
    )
    (schedule,) = cfg.param_scheduler
    assert (schedule.step_size, schedule.gamma) == (step_size, 0.5)
    _, resize, roles, _ = cfg.train_dataloader.dataset.pipeline
    assert resize.size == cfg.test_dataloader.dataset.pipeline[1].size == (256, 128)
    assert roles.reid == [*roles.generator, dict(type=RandomErasing, prob=0.5)]


@pytest.mark.parametrize(
    'method, num_ids, num_instances, steps_on_regdb', [('tone', 32, 2, 1501), ('bdtr_alexnet', 64, 1, 5000)]
)
@pytest.mark.parametrize('dataset', DATASETS)
def test_the_recipe_of_tones_and_bdtrs_released_code(dataset, method, num_ids, num_instances, steps_on_regdb):
    cfg = load(f'configs/baselines/{method}_{dataset}_paper.py')
    sampler, optimizer = cfg.train_dataloader.sampler, cfg.optim_wrapper.optimizer
    assert (sampler.num_ids, sampler.num_instances) == (num_ids, num_instances)
    assert (optimizer.lr, optimizer.momentum, optimizer.weight_decay, cfg.param_scheduler) == (1e-3, 0.9, 0, [])
    steps_an_epoch = 2060 // 64 + 1  # of RegDB's 2060 images of a modality
    assert 0 <= cfg.train_cfg.max_epochs * steps_an_epoch - steps_on_regdb < steps_an_epoch
    assert steps(cfg) == ['LoadReIDImage', 'LanczosResize', 'RandomCrop', 'PlanarNormalize', 'PackReIDInputs']
    _, resize, crop, _, _ = cfg.train_dataloader.dataset.pipeline
    assert (resize.size, crop.crop_size, crop.padding) == ((256, 256), (227, 227), 0)
    assert cfg.test_dataloader.dataset.pipeline[1].size == (227, 227)


def test_the_recipe_of_aligngans_released_code():
    cfg = load('configs/baselines/aligngan_sysu_paper.py')
    sampler, optimizers = cfg.train_dataloader.sampler, cfg.optim_wrapper
    assert (sampler.num_ids, sampler.num_instances, sampler.num_batches) == (18, 4, 100)
    assert sampler.generator == dict(num_ids=4, num_instances=4)
    for turn in ('generator', 'discriminator'):
        assert optimizers[turn].optimizer == dict(type=torch.optim.Adam, lr=2e-4, betas=(0.5, 0.999), fused=True)
    assert optimizers.reid.optimizer == dict(
        type=torch.optim.SGD, lr=0.2, momentum=0.9, weight_decay=5e-4, nesterov=True, fused=True
    )
    assert optimizers.reid.paramwise_cfg.custom_keys == dict(backbone=dict(lr_mult=0.1))
    (schedule,) = cfg.param_scheduler
    assert (schedule.milestones, schedule.gamma, cfg.train_cfg.max_epochs) == ([200], 0.1, 251)
    assert steps(cfg) == ['LoadReIDImage', 'LanczosResize', 'RandomFlip', 'PlanarNormalize', 'PackReIDInputs']
    assert cfg.train_dataloader.dataset.pipeline[1]['size'] == (128, 128)


@pytest.mark.parametrize('method', METHODS)
def test_on_llcm_what_has_agws_recipe_erases_with_zeros_as_llcms_released_code_does(method):
    sysu, llcm = (
        load(f'configs/baselines/{method}_{dataset}_paper.py').train_dataloader.dataset.pipeline
        for dataset in ('sysu', 'llcm')
    )
    if method in ('agw', 'bdtr', 'dmir', 'g2da', 'hat', 'nfs', 'one_stream', 'uba', 'two_stream', 'zero_padding'):
        after = [step.type for step in sysu].index(PlanarNormalize) + 1
        assert llcm[:after] + llcm[after + 1 :] == sysu
        assert llcm[after] == dict(type=RandomErasing, prob=0.5, fill=(0.0, 0.0, 0.0))
        assert TRANSFORMS.build(llcm[after]).area == (0.02, 0.4)
    elif method == 'deen':  # its code covers more of an image on SYSU-MM01
        assert [dict(step, area=None) for step in llcm] == [dict(step, area=None) for step in sysu] and llcm != sysu
    else:  # no recipe for LLCM: that for SYSU-MM01
        assert llcm == sysu


def test_dtrm_changes_the_channels_of_three_visible_images_in_four_and_of_no_infrared_one():
    path = 'configs/baselines/dtrm_{}_paper.py'
    cfg, ddag = load(path.format('sysu')), load(path.format('sysu').replace('dtrm', 'ddag'))
    assert cfg.model == ddag.model and cfg.optim_wrapper == ddag.optim_wrapper
    views = cfg.train_dataloader.dataset.pipeline[2]
    plain = ddag.train_dataloader.dataset.pipeline
    assert [*plain[:2], *views.augment, plain[-1]] == plain
    views = TRANSFORMS.build(dict(views, augment=[]))
    img = np.random.RandomState(0).randn(*SIZE, 3).astype(np.float32)
    assert np.array_equal(views(dict(img=img, modality=Modality.INFRARED))['img'], img)
    np.random.seed(0)
    (drawn,) = zip(*(views(dict(img=img, modality=Modality.VISIBLE))['img'] for _ in range(400)))
    same = sum(np.array_equal(image, img) for image in drawn)
    grey = sum((image == image[..., :1]).all() for image in drawn)
    assert same + grey == 400 and abs(grey / 400 - 0.75) < 0.1  # the standard deviation of the rate is 0.02


@pytest.mark.parametrize('dataset', DATASETS)
def test_mmns_released_code_has_larger_images_and_erases_with_zeros(dataset):
    cfg = load(f'configs/baselines/mmn_{dataset}_paper.py')
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        assert loader.dataset.pipeline[1].size == (384, 192)
    assert cfg.train_dataloader.dataset.pipeline[2].crop_size == (384, 192)
    assert cfg.train_dataloader.dataset.pipeline[-2] == dict(type=RandomErasing, prob=0.5, fill=(0.0, 0.0, 0.0))


@pytest.mark.parametrize('dataset, area', [('sysu', (0.2, 0.8)), ('regdb', (0.02, 0.4)), ('llcm', (0.02, 0.4))])
def test_the_recipe_of_deens_released_code(dataset, area):
    cfg = load(f'configs/baselines/deen_{dataset}_paper.py')
    assert cfg.optim_wrapper == load('configs/baselines/agw_sysu_paper.py').optim_wrapper
    warm_up, schedule = cfg.param_scheduler
    assert (warm_up.end, schedule.milestones, schedule.gamma, cfg.train_cfg.max_epochs) == (10, [20, 80], 0.1, 151)
    sampler = cfg.train_dataloader.sampler
    assert (sampler.num_ids, sampler.num_instances) == (6, 4)
    names = ['LanczosResize', 'VisibleRandomGrayscale', 'RandomCrop', 'RandomFlip', 'PlanarNormalize', 'RandomErasing']
    assert steps(cfg) == ['LoadReIDImage', *names, 'PackReIDInputs']
    _, resize, _, crop, _, _, erasing, _ = cfg.train_dataloader.dataset.pipeline
    assert resize.size == crop.crop_size == cfg.test_dataloader.dataset.pipeline[1].size == (384, 144)
    assert TRANSFORMS.build(erasing).area == area
    losses = cfg.model.criterion.losses
    assert {name: loss.weight for name, loss in losses.items()} == dict(id=1.0, tri=1.0, cpm=0.8, ort=0.01)


@pytest.mark.parametrize('dataset', DATASETS)
def test_the_recipe_of_hcs_released_code(dataset):
    cfg = load(f'configs/baselines/hc_{dataset}_paper.py')
    sampler = cfg.train_dataloader.sampler
    assert (sampler.num_ids, sampler.num_instances, sampler.replacement, cfg.train_cfg.max_epochs) == (4, 8, False, 61)
    assert steps(cfg) == ['LoadReIDImage', 'LanczosResize', 'RandomFlip', 'PlanarNormalize', 'PackReIDInputs']


@pytest.mark.parametrize('dataset', DATASETS)
def test_dfln_vits_released_code_has_hcs_recipe_on_regdb_at_twice_the_rates(dataset):
    ours, hc = (recipe(load(f'configs/baselines/{method}_{dataset}_paper.py')) for method in ('dfln_vit', 'hc'))
    rate = hc['optim_wrapper']['optimizer'].pop('lr')
    assert ours['optim_wrapper']['optimizer'].pop('lr') == rate * (2 if dataset == 'regdb' else 1)
    for cfg in (ours, hc):
        del cfg['model']
    assert ours == hc


@pytest.mark.parametrize('dataset', DATASETS)
def test_the_unified_batch_all_triplet_has_agws_recipe_and_random_grey(dataset):
    ours, agw = (load(f'configs/baselines/{method}_{dataset}_paper.py') for method in ('uba', 'agw'))
    assert ours.train_dataloader.dataset.pipeline[2] == dict(type=VisibleRandomGrayscale, prob=0.5)
    assert steps(ours) == [*steps(agw)[:2], 'VisibleRandomGrayscale', *steps(agw)[2:]]
    for key in ('optim_wrapper', 'param_scheduler', 'train_cfg'):
        assert ours[key] == agw[key]


@pytest.mark.parametrize('dataset', DATASETS)
def test_the_recipe_of_x_modalitys_released_code(dataset):
    cfg = load(f'configs/baselines/x_modality_{dataset}_paper.py')
    expected = dict(type=AlternatingIdentitySampler, num_ids=12, num_instances=4, repeat=True)
    assert cfg.train_dataloader.sampler == expected and cfg.train_cfg.max_epochs == 120
    assert [step.size for step in cfg.test_dataloader.dataset.pipeline if 'size' in step] == [(256, 128)]
    names = ['LanczosResize', 'RandomFlip', 'RandomCrop', 'PlanarNormalize', 'RandomErasing']
    assert steps(cfg) == ['LoadReIDImage', *names, 'PackReIDInputs']
    assert cfg.train_dataloader.dataset.pipeline[3].crop_size == (256, 128)
    model = torch.nn.Linear(2, 2)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    assert isinstance(wrapper.optimizer, torch.optim.Adam)
    schedulers = [PARAM_SCHEDULERS.build(dict(scheduler, optimizer=wrapper)) for scheduler in cfg.param_scheduler]
    expected = {0: 3.5e-6, 10: 3.5e-4, 39: 3.5e-4, 40: 3.5e-5, 69: 3.5e-5, 70: 3.5e-6, 119: 3.5e-6}
    for epoch in range(120):
        (group,) = wrapper.optimizer.param_groups
        assert group['weight_decay'] == 5e-4
        assert epoch not in expected or group['lr'] == pytest.approx(expected[epoch]), epoch
        wrapper.step()
        for scheduler in schedulers:
            scheduler.step()


@pytest.mark.parametrize('pattern', ['separate', 'stem', 'shared'])
@pytest.mark.parametrize('dataset, decay, interval', [('sysu', 0.997, 2), ('llcm', 0.997, 2), ('regdb', 0.968, 10)])
def test_the_recipe_of_cm_nas_released_code(pattern, dataset, decay, interval):
    cfg = load(f'configs/baselines/cm_nas_{pattern}_{dataset}_paper.py')
    assert cfg.model.backbone.separate == dict(separate='all', stem='stem', shared='none')[pattern]
    assert {name: loss.weight for name, loss in cfg.model.criterion.losses.items()} == dict(
        id=1, tri=1, sp=5, cmmd=0.05
    )
    sampler, optimizer = cfg.train_dataloader.sampler, cfg.optim_wrapper.optimizer
    assert (sampler.num_ids, sampler.num_instances, cfg.train_cfg.max_epochs) == (16, 4, 120)
    assert (optimizer.type, optimizer.lr, optimizer.betas, optimizer.weight_decay) == (
        torch.optim.Adam,
        1e-3,
        (0.5, 0.999),
        5e-4,
    )
    assert {key: rule.lr_mult for key, rule in cfg.optim_wrapper.paramwise_cfg.custom_keys.items()} == {
        'head.bnneck': 10,
        'head.classifier': 10,
    }
    warm_up, schedule = cfg.param_scheduler
    assert (warm_up.start_factor, warm_up.end, schedule.milestones) == (0.01, 10, [40, 70])
    assert cfg.custom_hooks[-1] == dict(type=WeightMeanHook, decay=decay, interval=interval)
    assert cfg.train_cfg.val_interval == interval
    assert cfg.train_dataloader.dataset.pipeline[1].size == cfg.test_dataloader.dataset.pipeline[1].size == (256, 128)


@pytest.mark.parametrize(
    'dataset, num_ids, num_instances, size, second',
    [('sysu', 16, 4, (384, 128), 120), ('llcm', 16, 4, (384, 128), 120), ('regdb', 12, 5, (256, 128), 110)],
)
def test_the_recipe_of_mpanets_released_code(dataset, num_ids, num_instances, size, second):
    cfg = load(f'configs/baselines/mpanet_{dataset}_paper.py')
    sampler, optimizer, (schedule,) = cfg.train_dataloader.sampler, cfg.optim_wrapper.optimizer, cfg.param_scheduler
    assert sampler == dict(type=AlternatingIdentitySampler, num_ids=num_ids, num_instances=num_instances)
    assert (optimizer.type, optimizer.lr, optimizer.weight_decay) == (torch.optim.Adam, 3.5e-4, 5e-4)
    assert 'paramwise_cfg' not in cfg.optim_wrapper
    assert (schedule.milestones, schedule.gamma) == ([80, second], 0.1)
    assert (cfg.train_cfg.max_epochs, cfg.train_cfg.val_begin, cfg.train_cfg.val_interval) == (140, 120, 5)
    names = ['LoadReIDImage', 'LanczosResize', 'RandomFlip', 'RandomCrop', 'PlanarNormalize', 'RandomErasing']
    assert steps(cfg) == [*names, 'PackReIDInputs']
    _, resize, _, crop, _, erase, _ = cfg.train_dataloader.dataset.pipeline
    assert resize.size == crop.crop_size == cfg.test_dataloader.dataset.pipeline[1].size == size
    assert (crop.padding, crop.fill, erase.area, erase.fill) == (10, 127, (0.02, 0.33), (0.0, 0.0, 0.0))


@pytest.mark.parametrize('method', ['vit', 'transreid'])
@pytest.mark.parametrize('dataset', DATASETS)
def test_the_recipe_of_transreids_released_code(method, dataset):
    cfg = load(f'configs/baselines/{method}_{dataset}_paper.py')
    assert cfg.train_dataloader.sampler == dict(type=AlternatingIdentitySampler, num_ids=8, num_instances=4)
    names = ['LanczosResize', 'RandomFlip', 'RandomCrop', 'PlanarNormalize', 'RandomErasing']
    assert steps(cfg) == ['LoadReIDImage', *names, 'PackReIDInputs']
    _, resize, _, crop, normalize, erase, _ = cfg.train_dataloader.dataset.pipeline
    assert resize.size == crop.crop_size == cfg.model.backbone.img_size == (256, 128)
    assert (crop.padding, erase.prob, erase.area, erase.fill) == (10, 0.5, (0.02, 1 / 3), None)
    assert normalize.mean == normalize.std == (127.5,) * 3
    assert cfg.test_dataloader.dataset.pipeline == [cfg.train_dataloader.dataset.pipeline[i] for i in (0, 1, 4, 6)]
    rates = _rates(cfg, 120)
    assert rates[1]['head.' + ('bnneck' if method == 'vit' else 'bnnecks.0') + '.weight'] == pytest.approx(1.664e-3)
    for epoch, rate in {1: 1.664e-3, 4: 6.416e-3, 60: 4.008e-3, 120: 1.6e-5}.items():
        assert rates[epoch]['backbone.pos_embed'] == pytest.approx(rate), epoch
    assert rates[60]['backbone.layers.0.ln1.bias'] == pytest.approx(1.6e-5 + (0.016 - 1.6e-5) / 2)
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.type, optimizer.momentum, optimizer.weight_decay) == (torch.optim.SGD, 0.9, 1e-4)
    assert not optimizer.get('nesterov') and cfg.train_cfg.max_epochs == 120


@pytest.mark.parametrize('dataset, epochs', [('sysu', 24), ('regdb', 36), ('llcm', 24)])
def test_the_recipe_of_pmts_released_code(dataset, epochs):
    cfg = load(f'configs/baselines/pmt_{dataset}_paper.py')
    sampler, optimizer = cfg.train_dataloader.sampler, cfg.optim_wrapper.optimizer
    assert (sampler.num_ids, sampler.num_instances, sampler.replacement) == (8, 4, False)
    assert (optimizer.type, optimizer.lr, optimizer.weight_decay) == (torch.optim.AdamW, 3e-4, 1e-4)
    assert (cfg.train_cfg.max_epochs, cfg.train_cfg.val_interval) == (epochs, 2)
    rates = _rates(cfg, epochs)
    for epoch, slow, fast in ((1, 5.2e-5, 1.02e-4), (2, 1.01e-4, 2.01e-4), (epochs, 3e-6, 3e-6)):
        for name in ('patch_embed.projection.weight', 'layers.1.ffn.layers.1.bias'):
            assert rates[epoch][f'backbone.{name}'] == pytest.approx(slow), epoch
        for name in ('backbone.cls_token', 'backbone.pos_embed', 'backbone.ln1.weight', 'head.classifier.weight'):
            assert rates[epoch][name] == pytest.approx(fast), epoch

    (colour,) = cfg.custom_hooks[-1].schedule
    grey, later = cfg.train_dataloader.dataset.pipeline, colour.train_pipeline
    assert colour.action_epoch == 7 and [*grey[:2], *grey[3:]] == later
    assert grey[2] == dict(type=VisibleRandomGrayscale, prob=1.0)
    assert grey[1].size == cfg.test_dataloader.dataset.pipeline[1].size == cfg.model.backbone.img_size == (256, 128)
    criterion = MODELS.build(cfg.model.criterion)
    weights = {}
    for epoch in (6, 7):
        criterion.update_weights((epoch - 1) / epochs, {})
        weights[epoch] = dict(criterion.weights)
    assert weights[6] == dict(id=2, tri_within=2, tri=0, msel=0, dcl=0)
    assert weights[7] == dict(id=2, tri_within=0, tri=1, msel=0.5, dcl=0.5)


@pytest.mark.parametrize('dataset', DATASETS)
def test_mips_prompts_learn_faster_than_the_rest_which_has_transreids_recipe(dataset):
    cfg, transreid = (load(f'configs/baselines/{method}_{dataset}_paper.py') for method in ('mip', 'transreid'))
    for loader in ('train_dataloader', 'test_dataloader'):
        assert cfg[loader] == transreid[loader]
    assert cfg.train_cfg.max_epochs == 80
    rates = _rates(cfg, 80)
    for name, rate in (
        ('pos_embed', 0.01),
        ('layers.0.ln1.bias', 0.02),
        ('modality_prompts', 0.05),
        ('prompt_proj.weight', 0.05),
        ('instance_queries', 0.15),
        ('instance_generator.attn.qkv.weight', 0.15),
    ):
        assert rates[40][f'backbone.{name}'] == pytest.approx(2e-5 + (rate - 2e-5) / 2), name
        assert rates[80][f'backbone.{name}'] == pytest.approx(2e-5), name


def test_pmts_images_are_grey_first_and_infrared_ones_blurred_or_of_other_contrast():
    cfg = load('configs/baselines/pmt_sysu_paper.py')
    grey, colour = (
        TRANSFORMS.build(dict(views, augment=[], visible=[[]], infrared=views.infrared[:1]))
        for views in (cfg.train_dataloader.dataset.pipeline[3], cfg.custom_hooks[-1].schedule[0].train_pipeline[2])
    )
    img = np.random.RandomState(0).randint(0, 256, (*SIZE, 3), dtype=np.uint8)
    np.random.seed(0)
    assert np.array_equal(colour(dict(img=img, modality=Modality.VISIBLE))['img'], img[None])
    drawn = [grey(dict(img=img.copy(), modality=Modality.INFRARED))['img'] for _ in range(100)]
    spread = [np.abs(np.diff(image.astype(int), axis=0)).mean() / image.std() for image in drawn]
    blurred = np.mean(np.array(spread) < 0.9 * np.abs(np.diff(img.astype(int), axis=0)).mean() / img.std())
    assert (
        0.3 < blurred < 0.6 and sum(np.array_equal(image, img) for image in drawn) < 10
    )  # the least blur does nothing


def _rates(cfg: Config, epochs: int) -> dict[int, dict[str, float]]:
    """The learning rate of every parameter, by the number of the epoch, from 1."""
    model = build_narrow(cfg)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    names = {id(weight): name for name, weight in model.named_parameters()}
    schedulers = [PARAM_SCHEDULERS.build(dict(scheduler, optimizer=wrapper)) for scheduler in cfg.param_scheduler]
    rates = {}
    for epoch in range(1, epochs + 1):
        rates[epoch] = {
            names[id(weight)]: group['lr'] for group in wrapper.optimizer.param_groups for weight in group['params']
        }
        wrapper.step()
        for scheduler in schedulers:
            scheduler.step()
    return rates


@pytest.mark.parametrize('method, fan, spread', [('hc', 512, 0.01), ('hc_tri', 256, 0)])
def test_stripes_start_as_in_the_released_code(method, fan, spread):
    """HC: Kaiming's by outputs, no bias, norms near one; HC-Tri: by inputs. 131,072 weights, within 1 %."""
    cfg = load(f'configs/baselines/{method}_sysu_paper.py')
    cfg = Config(dict(model=dict(cfg.model.to_dict(), neck=dict(cfg.model.neck.to_dict(), channels=512)))).to_dict()
    cfg['model']['head'].update(channels=512)
    for conv, norm, _ in build_narrow(Config(cfg)).neck.stripes:
        assert conv.weight.std().item() == pytest.approx((2 / fan) ** 0.5, rel=0.01)
        assert (conv.bias == 0).all() == (method == 'hc')
        assert norm.weight.mean().item() == pytest.approx(1, abs=0.002) and (norm.bias == 0).all()
        assert norm.weight.std().item() == pytest.approx(spread, rel=0.1)


@pytest.mark.parametrize(
    'dataset, p, label_smoothing, weight, num_ids, num_instances',
    [('sysu', 3.0, 0.0, 1.0, 6, 8), ('llcm', 3.0, 0.0, 1.0, 6, 8), ('regdb', 10.0, 0.1, 2.0, 8, 4)],
)
def test_hc_tri_has_settings_per_data_set(dataset, p, label_smoothing, weight, num_ids, num_instances):
    cfg = load(f'configs/baselines/hc_tri_{dataset}_paper.py')
    losses, sampler = cfg.model.criterion.losses, cfg.train_dataloader.sampler
    assert cfg.model.neck.pooling.p == p and losses.id.get('label_smoothing', 0.0) == label_smoothing
    assert (losses.hc_tri.weight, losses.hc_tri_stripes.weight) == (1.0, weight)
    assert (sampler.num_ids, sampler.num_instances) == (num_ids, num_instances)


@pytest.mark.parametrize('method', METHODS)
def test_a_narrow_baseline_starts_and_trains_as_haresformers_row(method):
    ours = load('configs/haresformer_synth_short.py').to_dict()
    narrow = load(f'configs/baselines/{method}_synth.py').to_dict()
    full = load(f'configs/baselines/{method}_sysu_unified.py').to_dict()
    encoder, backbone = ours['model']['backbone']['encoder'], narrow['model']['backbone']
    if 'arch' in backbone:
        start = load('configs/pretrain/vit_synvi.py').model.backbone
        assert backbone['pretrained'] == 'haresreid://vit_synvi'
        assert all(backbone[key] == start[key] for key in ('arch', 'img_size', 'patch_size'))
        if method == 'pmt':
            _step_at(narrow, 0.25)  # there after one of five epochs
    elif 'fc_channels' in backbone:
        start = load('configs/pretrain/alexnet_synvi.py').model.backbone
        assert backbone['pretrained'] == 'haresreid://alexnet_synvi'
        assert all(backbone[key] == start[key] for key in ('base_channels', 'fc_channels', 'stride'))
    else:
        for key in ('depth', 'base_channels', 'pretrained'):
            assert backbone[key] == encoder[key]
    if 'discriminators' in narrow['model']:
        _leave_reid(narrow)
    losses, full_losses = (
        {name: dict(loss, in_channels=None) for name, loss in cfg['model']['criterion']['losses'].items()}
        for cfg in (narrow, full)
    )
    assert losses == full_losses
    same = ['optim_wrapper', 'param_scheduler', 'train_cfg', 'val_evaluator', 'randomness']
    assert {key: narrow[key] for key in same} == {key: ours[key] for key in same}
    hooks = narrow['custom_hooks'][:-1] if method == 'pmt' else narrow['custom_hooks']
    assert hooks == ours['custom_hooks']
    assert narrow['train_dataloader']['sampler'] == ours['train_dataloader']['sampler']
    if method in ('caj', 'dtrm'):
        (views,) = (step for step in narrow['train_dataloader']['dataset']['pipeline'] if 'augment' in step)
        assert views['augment'] == ours['train_dataloader']['dataset']['pipeline'][1:-1]
    elif method == 'pmt':
        (colour,) = narrow['custom_hooks'][-1]['schedule']
        assert colour == dict(action_epoch=2, train_pipeline=ours['train_dataloader']['dataset']['pipeline'])
    elif method != 'zero_padding':
        assert narrow['train_dataloader'] == ours['train_dataloader']


@pytest.mark.parametrize('start', ['resnet18_synvi', 'vit_synvi', 'alexnet_synvi', 'light_synvi'])
def test_the_people_behind_the_start_weights_are_others(start):
    """The images of a person follow from the set's seed and the person's number."""
    seeds = [
        load(f'configs/{name}.py').train_dataloader.dataset.get('seed', 0)
        for name in (f'pretrain/{start}', 'haresformer_synth')
    ]
    assert seeds == [1, 0]


@pytest.mark.parametrize('dataset, same_as', [*((key, key) for key in DATASETS), ('synth', 'synth_short')])
def test_the_light_model_sees_the_same_images_normalised_as_its_weights_want(dataset, same_as):
    light, ours = load(f'configs/light_{dataset}.py'), load(f'configs/haresformer_{same_as}.py')
    wanted = dict(type=PlanarNormalize, mean=(127.0,) * 3, std=(128.0,) * 3)
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        expected = [wanted if step.type is PlanarNormalize else step for step in ours[loader].dataset.pipeline]
        assert light[loader].dataset.pipeline == expected and wanted in expected
        assert dict(light[loader].dataset, pipeline=None) == dict(ours[loader].dataset, pipeline=None)
    assert light.val_evaluator == ours.val_evaluator
    if dataset == 'synth':
        assert (light.optim_wrapper, light.param_scheduler) == (ours.optim_wrapper, ours.param_scheduler)


def test_the_light_models_start_weights_are_of_its_network():
    start, model = (load(f'configs/{name}.py').model for name in ('pretrain/light_synvi', 'light_synth'))
    assert dict(start.head, num_classes=400) == model.head and start.criterion == model.criterion
    assert start.backbone == dict(model.backbone, num_specific=0)


def test_the_light_model_takes_less_than_two_billion_multiplications():
    model = MODELS.build(load('configs/light_sysu.py').model).to('meta').eval()
    image, visible = torch.empty(1, 3, 288, 144, device='meta'), ReIDBatch.unlabelled(torch.tensor([Modality.VISIBLE]))
    assert count_flops(model.embed, image, visible) / 2 < 2e9


@pytest.mark.parametrize('method', ['cnn', 'agw'])
def test_on_the_level_context_all_are_trained_by_one_recipe(method):
    default = load('configs/_base_/haresformer_synth.py').to_dict()
    ours, theirs = (load(f'configs/context/{name}_synth_context.py').to_dict() for name in ('haresformer', method))
    assert ours['model'] == default['model']
    same = ['optim_wrapper', 'param_scheduler', 'train_cfg', 'randomness', 'default_hooks', 'custom_hooks']
    for cfg in (ours, theirs):
        assert {key: cfg[key] for key in same} == {key: default[key] for key in same}
    for loader in ('train_dataloader', 'test_dataloader'):
        assert theirs[loader] == ours[loader]
        level = dict(data_root='data/SynVI/context_sysu', level='context')
        assert ours[loader] == {**default[loader], 'dataset': {**default[loader]['dataset'], **level}}


def test_the_cnn_of_the_level_context_costs_what_haresformer_does():
    cost = {}
    for name in ('haresformer', 'cnn'):
        model = MODELS.build(load(f'configs/context/{name}_synth_context.py').model).to('meta').eval()
        visible = ReIDBatch.unlabelled(torch.tensor([Modality.VISIBLE]))
        cost[name] = count_flops(model.embed, torch.empty(1, 3, *SIZE, device='meta'), visible)
    assert cost['haresformer'] <= cost['cnn'] < 1.05 * cost['haresformer']
