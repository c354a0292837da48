"""Two processes against one: the same losses, gradients, weights and figures.

In float64, since the model is young and its training chaotic: in float32 the difference in the order of additions,
1e-6 in the first step, doubles with every other one.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.dataset import DefaultSampler, pseudo_collate
from mmengine.dist import get_rank, is_distributed
from mmengine.model import MMDistributedDataParallel, convert_sync_batchnorm
from mmengine.optim import OptimWrapper, build_optim_wrapper
from torch.utils.data import DataLoader

from haresreid.cli.rank_variables import set_rank_variables
from haresreid.compat.mmengine_shims import init_cpu_distributed
from haresreid.config.config import load_config
from haresreid.datasets import CrossModalityIdentitySampler, JointIdentitySampler
from haresreid.engine import BranchHook, GradCacheHook, TurnOptimWrapperConstructor
from haresreid.evaluation import SYSUProtocol, VIReIDMetric
from haresreid.files.paths import CONFIG_ROOT
from haresreid.models import (
    AdversarialVIReID,
    Criterion,
    HCTripletLoss,
    HGAEHead,
    HierarchicalFeatureExtractor,
    IDLoss,
    MMDLoss,
    ReplicatedModel,
    ResNetEncoder,
    TransformerEncoderStage,
    VIReID,
    WeightedRegularizedTripletLoss,
)
from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample

LOSSES = dict(
    id=dict(type=IDLoss, feature='logits'),  # a mean over images, and
    mmd=dict(type=MMDLoss, feature='embed', margin=0.0, weight=0.25),  # over people: the mean over ranks is that of all
    hc_tri=dict(type=HCTripletLoss, feature=['embed', 'cls_4'], gather=True),
    wr_tri=dict(type=WeightedRegularizedTripletLoss, feature='embed', gather=True),
)


class Noise:
    """12 people with three images in each modality, noise around a colour; the augmentation is noise, too."""

    labels = np.tile(np.arange(12).repeat(3), 2)
    modalities = np.arange(2).repeat(36)
    MODALITIES = (0, 1)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index) -> dict:
        index.seed_generators()
        label, modality = int(self.labels[index]), int(self.modalities[index])
        colour = torch.tensor([label % 3 - 1.0, label // 3 - 1.0, modality]).view(3, 1, 1)
        return dict(
            inputs=(colour + torch.randn(3, 32, 16)).double(),
            data_samples=ReIDDataSample(metainfo=dict(gt_label=label, modality=modality)),
        )


def make_model() -> torch.nn.Module:
    torch.manual_seed(0)
    model = VIReID(
        backbone=dict(
            type=HierarchicalFeatureExtractor,
            img_size=(32, 16),
            stage=dict(type=TransformerEncoderStage, init_std=0.08),
            encoder=dict(type=ResNetEncoder, depth=18, base_channels=8, pretrained=None),
        ),
        head=dict(type=HGAEHead, num_classes=12, stage_channels=(8, 16, 32, 64), init_std=0.08),
        criterion=dict(type=Criterion, losses=LOSSES),
    ).double()
    if is_distributed():
        model = MMDistributedDataParallel(convert_sync_batchnorm(model, 'torch'), broadcast_buffers=False)
    return model.train()


class RoleNoise(Noise):
    """The same, and for a generator of another size."""

    def __init__(self, width: int) -> None:
        self.width = width

    def __getitem__(self, index) -> dict:
        item = super().__getitem__(index)
        sides = self.width if index.role else 32
        item['data_samples'].set_metainfo(dict(role=index.role))
        return dict(item, inputs=F.interpolate(item['inputs'][None], (2 * sides, sides))[0].tanh())


def jsia() -> dict:
    cfg = load_config(str(CONFIG_ROOT / 'configs/baselines/jsia_synth.py')).model
    cfg.head.update(in_channels=64, num_classes=12)
    cfg.generator.update(content_channels=8, base_channels=4, code_channels=8)
    for part in cfg.discriminators.values():
        part.update(base_channels=4, num_layers=2)
    return cfg


def aligngan() -> dict:
    cfg = load_config(str(CONFIG_ROOT / 'configs/baselines/aligngan_synth.py')).model
    cfg.head.update(in_channels=64, num_classes=12, channels=16, dropout=0.0)  # each process drops other values
    cfg.backbone.update(size=(32, 16))
    cfg.generator.update(base_channels=4, num_blocks=1)
    for part in cfg.discriminators.values():
        part.update(base_channels=4)
    cfg.discriminators.infrared.update(feature_channels=64)
    cfg.image_criteria.generator.losses.pixel_tri.gather = True
    return cfg


def hicmd() -> dict:
    cfg = load_config(str(CONFIG_ROOT / 'configs/baselines/hicmd_synth.py')).model
    cfg.head.update(in_channels=64, num_classes=12, dropout=0.0)
    cfg.backbone.update(prototype_channels=4)
    cfg.generator.update(content_channels=8, code_channels=64, base_channels=4)
    for part in cfg.discriminators.values():
        part.update(base_channels=4)
    return cfg


ADVERSARIAL = dict(jsia=(jsia, 16), aligngan=(aligngan, 16), hicmd=(hicmd, 32))  # and the width of the drawn images


def train_adversarial(method: str, num_ids: int) -> tuple[list[dict], dict]:
    """As :func:`train`, one epoch; half as many images for the generator, all steps in turns."""
    make_config, width = ADVERSARIAL[method]
    cfg = make_config()
    cfg.backbone.update(base_channels=8, pretrained=None)
    cfg.criterion.losses.tri.gather = True
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg, _scope_='haresreid')).double()
    if is_distributed():
        model = ReplicatedModel(convert_sync_batchnorm(model, 'torch'))
    turn = dict(type=OptimWrapper, optimizer=dict(type=torch.optim.AdamW, lr=1e-3, eps=1e-4))
    turns = dict.fromkeys(AdversarialVIReID.turns, turn)
    optim_wrapper = build_optim_wrapper(model, dict(constructor=TurnOptimWrapperConstructor, **turns))
    data, generator = RoleNoise(width), dict(num_ids=num_ids, num_instances=1)
    sampler = JointIdentitySampler(data, num_ids, 2, generator, num_batches=4, seed=0)
    logs = []
    for batch in DataLoader(data, batch_size=6 * num_ids, sampler=sampler, collate_fn=pseudo_collate):
        logs.append({key: value.item() for key, value in model.train().train_step(batch, optim_wrapper).items()})
    return logs, (model.module if is_distributed() else model).state_dict()


def make_loader(num_ids: int) -> DataLoader:
    sampler = CrossModalityIdentitySampler(Noise(), num_ids, 2, seed=0)
    return DataLoader(Noise(), batch_size=4 * num_ids, sampler=sampler, collate_fn=pseudo_collate)


def gradients(num_ids: int) -> dict[str, torch.Tensor]:
    """Of the first batch."""
    model = make_model()
    own = model.module if is_distributed() else model
    batch = own.data_preprocessor(next(iter(make_loader(num_ids))))
    loss, _ = own.parse_losses(model(**batch, mode='loss'))
    loss.backward()
    return {name: value.grad for name, value in own.named_parameters() if value.grad is not None}


def train(num_ids: int, epochs: int = 2, chunks: int = 1) -> tuple[list[dict], dict]:
    """The logged losses of each step, and the weights and running statistics at the end.

    Of several processes the first looks at the branches after each step, which must change nothing.
    """
    model = make_model()
    if chunks > 1:
        GradCacheHook(chunks).before_train(SimpleNamespace(model=model))
    optim_wrapper = OptimWrapper(torch.optim.AdamW(model.parameters(), lr=1e-3, eps=1e-4))
    loader = make_loader(num_ids)
    logs = []
    for epoch in range(epochs):
        loader.sampler.set_epoch(epoch)
        for batch in loader:
            logs.append({key: value.item() for key, value in model.train_step(batch, optim_wrapper).items()})
            if is_distributed():
                BranchHook(interval=1, min_spread=0).after_train_iter(
                    SimpleNamespace(model=model, iter=len(logs), visualizer=Mock(), logger=Mock()), len(logs), batch
                )
    return logs, (model.module if is_distributed() else model).state_dict()


def evaluate(size: int, round_up: bool = True) -> dict:
    """Figures of a made-up test set of five people in SYSU's six cameras, of which ``size`` images are tested."""
    rng = np.random.RandomState(0)
    people = rng.randn(5, 8)
    rows = [
        dict(
            pid=pid,
            camid=camid,
            modality=int(camid in (3, 6)),
            img_path='x' * (pid + 1) + f'cam{camid}.png',
            pred_feature=torch.from_numpy(people[pid] + rng.randn(8)),
        )
        for pid in range(5)
        for camid in range(1, 7)
    ]
    metric = VIReIDMetric([dict(type=SYSUProtocol, mode='all')], references=('chance',))
    share = [rows[index] for index in DefaultSampler(range(size), shuffle=False, round_up=round_up)]
    for start in range(0, len(share), 4):
        metric.process(None, share[start : start + 4])
    if size < 10:  # too few for a protocol: only what was gathered
        metric.compute_metrics = lambda results: dict(paths=results[4].tolist())
    return metric.evaluate(size)


def run_rank(folder: Path) -> None:
    """What each process does, started as Slurm would."""
    torch.set_num_threads(1)
    set_rank_variables('slurm')
    init_cpu_distributed(Config())
    logs, state = train(2)
    chunked_logs, _ = train(2, epochs=1, chunks=2)
    adversarial = {method: train_adversarial(method, 2) for method in ADVERSARIAL}
    figures = {(size, round_up): evaluate(size, round_up) for size in (30, 29, 1) for round_up in (True, False)}
    results = dict(gradients=gradients(2), logs=logs, state=state, chunked_logs=chunked_logs, figures=figures)
    results['adversarial'] = adversarial
    torch.save(results, folder / f'{get_rank()}.pt')
    torch.distributed.destroy_process_group()


@pytest.fixture(scope='module')
def ranks(tmp_path_factory) -> list[dict]:
    """What the two processes computed."""
    folder = tmp_path_factory.mktemp('ranks')
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, folder],
            env=dict(
                os.environ,
                SLURM_PROCID=str(rank),
                SLURM_NTASKS='2',
                SLURM_LOCALID=str(rank),
                MASTER_ADDR='127.0.0.1',
                MASTER_PORT=str(port),
                GLOO_SOCKET_IFNAME='lo',
            ),
        )
        for rank in range(2)
    ]
    assert [process.wait() for process in processes] == [0, 0]
    return [torch.load(folder / f'{rank}.pt', weights_only=True) for rank in range(2)]


def test_gradients_are_those_of_one_process(ranks):
    expected = gradients(4)
    for rank in ranks:
        assert set(rank['gradients']) == set(expected)
        for name, gradient in expected.items():
            assert (rank['gradients'][name] - gradient).norm() <= 1e-9 * gradient.norm() + 1e-12, name


def test_losses_follow_those_of_one_process(ranks):
    logs, state = train(4)
    assert len(logs) == len(ranks[0]['logs']) == 10
    for alone, *shared in zip(logs, ranks[0]['logs'], ranks[1]['logs'], strict=True):
        for name in ('loss_hc_tri', 'loss_wr_tri'):  # gathered: every rank has the loss of the whole batch
            assert shared[0][name] == shared[1][name] == pytest.approx(alone[name], abs=1e-9)
        for name in ('loss', 'loss_id', 'loss_mmd', 'acc_id'):
            assert np.mean([log[name] for log in shared]) == pytest.approx(alone[name], abs=1e-9)
    assert logs[-1]['loss_id'] < logs[0]['loss_id'] - 0.03  # the weights did move
    for name, value in state.items():
        assert torch.equal(ranks[0]['state'][name], ranks[1]['state'][name]), name
        assert torch.allclose(ranks[0]['state'][name].double(), value.double(), atol=1e-9), name


def test_chunks_hold_the_same_images_on_two_processes(ranks):
    """One image of each person and modality, whose statistics the norms share: the losses follow to the last digits."""
    for alone, *shared in zip(train(4, 1, 2)[0], ranks[0]['chunked_logs'], ranks[1]['chunked_logs'], strict=True):
        assert np.mean([log['loss'] for log in shared]) == pytest.approx(alone['loss'], abs=1e-9)
    assert ranks[0]['chunked_logs'][1]['loss'] != ranks[0]['logs'][1]['loss']


@pytest.mark.parametrize('method', ADVERSARIAL)
def test_turns_are_those_of_one_process(ranks, method):
    logs, state = train_adversarial(method, 4)
    for alone, *shared in zip(logs, *(rank['adversarial'][method][0] for rank in ranks), strict=True):
        for name, value in alone.items():
            assert np.mean([log[name] for log in shared]) == pytest.approx(value, abs=1e-6), name
    for name, value in state.items():
        first, second = (rank['adversarial'][method][1][name] for rank in ranks)
        assert torch.equal(first, second), name
        assert torch.allclose(first.double(), value.double(), atol=1e-6), name
    assert logs[-1]['loss_reconstruction'] < logs[0]['loss_reconstruction']


def test_figures_are_those_of_one_process(ranks):
    for (size, round_up), figures in ranks[0]['figures'].items():
        assert figures == ranks[1]['figures'][size, round_up] == evaluate(size)
    assert ranks[0]['figures'][29, True] != ranks[0]['figures'][30, True]
    assert ranks[0]['figures'][1, False] == dict(paths=['xcam1.png'])  # the second rank had no image


def test_unshared_losses_would_differ(ranks):
    """What one process loses on half of the people is not what it loses on all: the comparison can fail."""
    first = ranks[0]['logs'][0]
    model, batch = make_model(), next(iter(make_loader(2)))
    losses = model(**model.data_preprocessor(batch), mode='loss')
    assert abs(losses['loss_hc_tri'].item() - first['loss_hc_tri']) > 1e-2


if __name__ == '__main__':
    run_rank(Path(sys.argv[1]))
