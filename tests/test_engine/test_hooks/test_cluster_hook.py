"""A training without labels: its clusters, the same with one and two processes, the same after being killed.

In float64, since the training of a young model is chaotic; see test_distributed.py.
"""

import copy
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dist import get_rank, is_distributed
from mmengine.hooks import Hook, SyncBuffersHook
from mmengine.runner import Runner

from haresreid.cli.rank_variables import set_rank_variables
from haresreid.compat.mmengine_shims import init_cpu_distributed
from haresreid.datasets import ClusterSampler, CrossModalityIdentitySampler
from haresreid.engine import AtomicCheckpointHook, ClusterHook, EpochHook, IterationSeedHook, PortableCheckpointHook
from haresreid.files.checkpoint_file import latest_checkpoint
from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample

EPOCHS = 3
COLOURS = [(-1, -1, 1), (1, -1, 1), (-1, 1, 1), (1, 1, 1), (1, 1, -1), (-1, -1, -1)]


class People(torch.utils.data.Dataset):
    """Six people with five images in each modality: a colour and a little noise, in infrared of the other sign."""

    metainfo: ClassVar = {}
    MODALITIES = (0, 1)
    pids = np.tile(np.arange(6).repeat(5), 2)
    modalities = np.arange(2).repeat(30)

    def __len__(self) -> int:
        return len(self.pids)

    def __getitem__(self, index: int) -> dict:
        generator = np.random.RandomState(index)
        noise = generator.randn(3, 32, 16)
        if hasattr(index, 'seed_generators'):  # an augmentation
            index.seed_generators()
            noise += 0.3 * np.random.randn(3, 32, 16)
        modality = int(self.modalities[index])
        colour = np.reshape(COLOURS[self.pids[index]], (3, 1, 1)) * (1 - 2 * modality)
        sample = ReIDDataSample(metainfo=dict(gt_label=getattr(index, 'label', -1), modality=modality))
        return dict(inputs=torch.from_numpy(colour + 0.1 * noise), data_samples=sample)


class Killed(BaseException):
    """Instead of SIGKILL."""


class KillHook(Hook):
    """Ends the run before the second batch of an epoch, counted from 0."""

    def __init__(self, epoch: int | None) -> None:
        self.epoch = epoch

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        if (runner.epoch, batch_idx) == (self.epoch, 1):
            raise Killed


class Watch(Hook):
    """Keeps the images of every cluster, and the clusters' partners, in every epoch."""

    priority = 'LOW'

    def __init__(self) -> None:
        self.clusters, self.partners = {}, {}

    def before_train_epoch(self, runner) -> None:
        images = runner.train_dataloader.sampler.images
        memory = next(hook.memory for hook in runner.hooks if isinstance(hook, ClusterHook))
        self.clusters[runner.epoch] = {
            int(kind): [cluster.tolist() for cluster in found] for kind, found in images.items()
        }
        self.partners[runner.epoch] = {int(kind): found.tolist() for kind, found in memory.partners.items()}


def make_runner(folder: Path, name: str, kill: int | None = None, num_ids: int = 4, **changes) -> Runner:
    torch.manual_seed(0)
    contrast = dict(feature='bn_embed', gather=True)
    model = MODELS.build(
        dict(
            type='haresreid.VIReID',
            backbone=dict(type='haresreid.TwoStreamResNet', depth=18, base_channels=8, num_specific=1, pretrained=None),
            head=dict(type='haresreid.BNNeckHead', in_channels=64, num_classes=0),
            criterion=dict(
                type='haresreid.Criterion',
                losses=dict(
                    cluster=dict(type='haresreid.ClusterContrastLoss', temperature=0.2, **contrast),
                    cross=dict(type='haresreid.CrossClusterContrastLoss', temperature=0.2, weight=0.25, **contrast),
                ),
            ),
        )
    ).double()
    cluster = dict(
        type=ClusterHook, pipeline=[], eps=0.5, min_samples=3, k1=5, k2=2, matching='progressive', match_from=1
    )
    cfg = Config(dict(model={}))
    if is_distributed():
        init_wrapper(cfg)
    runner = Runner(
        model,
        str(folder),
        cfg=cfg,
        launcher='pytorch' if is_distributed() else 'none',
        default_scope='haresreid',
        experiment_name=f'{folder.parent.name}_{name}',
        randomness=dict(seed=5),
        train_dataloader=dict(
            dataset=People(),
            num_workers=1,
            batch_size=num_ids * 6,
            sampler=dict(type=ClusterSampler, num_ids=num_ids, num_instances=3, num_batches=3),
        ),
        train_cfg=dict(by_epoch=True, max_epochs=EPOCHS),
        optim_wrapper=dict(optimizer=dict(type='AdamW', lr=1e-3, eps=1e-4)),
        default_hooks=dict(checkpoint=dict(type=AtomicCheckpointHook, interval=1)),
        custom_hooks=[
            dict(type=SyncBuffersHook),
            dict(type=PortableCheckpointHook),
            dict(type=EpochHook),
            dict(type=IterationSeedHook),
            {**cluster, **changes},
            dict(type=KillHook, epoch=kill),
        ],
    )
    runner.watch = Watch()
    runner.register_hook(runner.watch)
    if found := latest_checkpoint(folder):
        runner._resume, runner._load_from = True, str(found[0])
    return runner


def init_wrapper(cfg: Config) -> None:
    """What :func:`init_cpu_distributed` writes into a config, and batch norms over all processes."""
    cfg.sync_bn = 'torch'
    cfg.model_wrapper_cfg = dict(type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False)


def end_of(folder: Path) -> dict:
    content = torch.load(folder / f'epoch_{EPOCHS}.pth', weights_only=True)
    losses = content['message_hub']['log_scalars']
    return dict(
        weights=content['state_dict'], losses=[losses[f'train/loss{part}'] for part in ('', '_cluster', '_cross')]
    )


@pytest.fixture(scope='module')
def alone(tmp_path_factory):
    """One process, left alone: where its checkpoints are, and what it clustered."""
    folder = tmp_path_factory.mktemp('alone') / 'run'
    runner = make_runner(folder, 'alone')
    runner.train()
    return folder, runner.watch


def test_clusters_are_the_people_and_partners_are_sought_from_their_epoch_on(alone):
    _, watch = alone
    assert list(watch.clusters) == list(watch.partners) == [0, 1, 2]
    for clusters in watch.clusters.values():
        for kind in (0, 1):
            people = [set(People.pids[images]) for images in clusters[kind]]
            assert all(len(pids) == 1 for pids in people)
            assert all(set(People.modalities[images]) == {kind} for images in clusters[kind])
    assert watch.partners[0] == {}
    for epoch in (1, 2):
        forward, backward = watch.partners[epoch].values()
        assert -1 not in forward + backward
        assert len(forward) == len(watch.clusters[epoch][0]) and len(backward) == len(watch.clusters[epoch][1])


def test_the_loss_across_modalities_begins_with_the_partners_and_the_weights_move(alone):
    folder, _ = alone
    end = end_of(folder)
    _, cluster, cross = (losses[0] for losses in end['losses'])
    assert (cross[:3] == 0).all() and (cross[3:] > 0).all()
    assert cluster[-1] < cluster[0]


def test_killed_and_resumed_equals_left_alone(alone, tmp_path):
    folder, watch = alone
    for kill in (1, 2):
        with pytest.raises(Killed):
            make_runner(tmp_path / 'killed', f'killed{kill}', kill).train()
    resumed = make_runner(tmp_path / 'killed', 'resumed')
    resumed.train()
    torch.testing.assert_close(end_of(tmp_path / 'killed'), end_of(folder), rtol=0, atol=0, equal_nan=True)
    assert resumed.watch.clusters == {2: watch.clusters[2]} and resumed.watch.partners == {2: watch.partners[2]}


def run_rank(folder: Path) -> None:
    """What each of two processes does, started as Slurm would."""
    torch.set_num_threads(1)
    set_rank_variables('slurm')
    init_cpu_distributed(Config())
    runner = make_runner(folder / 'run', 'ranks', num_ids=2)
    runner.train()
    torch.save(dict(clusters=runner.watch.clusters, partners=runner.watch.partners), folder / f'{get_rank()}.pt')
    torch.distributed.destroy_process_group()


def test_two_processes_equal_one(alone, tmp_path):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    ranks = [
        subprocess.Popen(
            [sys.executable, __file__, tmp_path],
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
    assert [process.wait() for process in ranks] == [0, 0]
    folder, watch = alone
    for rank in range(2):
        found = torch.load(tmp_path / f'{rank}.pt', weights_only=True)
        assert found == dict(clusters=watch.clusters, partners=watch.partners)
    expected, start = end_of(folder)['weights'], make_runner(tmp_path / 'start', 'start').model.state_dict()
    for name, value in end_of(tmp_path / 'run')['weights'].items():
        moved = (expected[name] - start[name]).double().norm()
        assert (value - expected[name]).double().norm() <= 1e-5 * moved + 1e-12, name


def test_features_do_not_depend_on_the_size_of_the_batches_and_nothing_is_drawn(tmp_path):
    torch.manual_seed(3)
    state = torch.get_rng_state()
    features = []
    for size in (7, 64):
        runner = make_runner(tmp_path / str(size), str(size), batch_size=size)
        runner._train_loop = runner.build_train_loop(runner._train_loop)
        hook = next(hook for hook in runner.hooks if isinstance(hook, ClusterHook))
        torch.set_rng_state(state)
        features.append(hook._extract(runner, runner.train_dataloader.dataset))
        assert torch.equal(torch.get_rng_state(), state)
    assert features[0].shape == (60, 64) and features[0] == pytest.approx(features[1], abs=1e-6)


def test_another_sampler_is_refused(tmp_path):
    runner = make_runner(tmp_path / 'run', 'sampler')
    images = copy.copy(People())
    images.labels = People.pids
    runner._train_loop = runner.build_train_loop(runner._train_loop)
    runner.train_dataloader.batch_sampler.sampler = CrossModalityIdentitySampler(images, 2, 2, seed=0)
    hook = next(hook for hook in runner.hooks if isinstance(hook, ClusterHook))
    object.__setattr__(runner.train_dataloader, 'sampler', runner.train_dataloader.batch_sampler.sampler)
    with pytest.raises(ValueError, match='train_dataloader.sampler is a CrossModalityIdentitySampler'):
        hook.before_train(runner)


@pytest.mark.parametrize(
    'arguments, message',
    [
        (dict(matching='hungarian'), "must be 'votes' or 'progressive', not 'hungarian'"),
        (dict(aggregate=True), "each other's only ones: matching='votes', not None"),
        (dict(matching='progressive', aggregate=True), "matching='votes', not 'progressive'"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ClusterHook([], **arguments)


if __name__ == '__main__':
    run_rank(Path(sys.argv[1]))
