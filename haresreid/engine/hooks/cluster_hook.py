"""Training without labels: the classes of an epoch are clusters of what the model sees."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from mmengine import dist
from mmengine.dataset import Compose
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor
from torch.utils.data import DataLoader

from haresreid.clustering import MATCHINGS, Matches, cluster_images, cluster_means, judge
from haresreid.datasets import ClusterSampler, VIReIDDataset, stack_images
from haresreid.engine.bare_model import bare_model
from haresreid.models import ClusterMemory
from haresreid.registry import HOOKS, TRANSFORMS
from haresreid.structures import Modality

__all__ = ['ClusterHook']


@HOOKS.register_module()
class ClusterHook(Hook):
    """Clusters the training images before every epoch, and gives the clusters to the sampler and the losses.

    It extracts the retrieval features of all training images as in a test, clusters each modality by itself (see
    :func:`cluster_images`), and seeks partners for the clusters in the other modality. Everything follows from the
    weights at the beginning of the epoch, so a resumed training has the same clusters, and a checkpoint holds none of
    them. Images are extracted in the same batches whatever the number of processes; the first process clusters.

    The log says how many clusters there are and how many images are in none. Where the data set knows its people, it
    also says how pure the clusters are; that is the only use of an identity. ``clusters.png`` shows the course.

    Args:
        pipeline (Sequence[dict]): Transforms of the images that are clustered, those of a test.
        eps (float): See :func:`cluster_images`. Defaults to 0.6.
        min_samples (int): See :func:`cluster_images`. Defaults to 4.
        k1 (int): Size of the neighbourhood in the Jaccard distance. Defaults to 30.
        k2 (int): Number of neighbours over which it averages. Defaults to 6.
        momentum (float): What an image leaves of its cluster's feature. Defaults to 0.2.
        matching (str, optional): How partners are sought, 'votes' or 'progressive'. Defaults to None: not at all.
        match_from (int): The first epoch, counted from 0, in which partners are sought. Defaults to 0.
        aggregate (bool): Whether partners share their feature, see :class:`ClusterMemory`. Defaults to False.
        batch_size (int): Images per forward pass. Defaults to 64.

    Raises:
        ValueError: If there is no such matching, or partners would share a feature that are not each other's only ones;
            before the training, if its sampler is no :class:`ClusterSampler`.
    """

    def __init__(
        self,
        pipeline: Sequence[dict],
        eps: float = 0.6,
        min_samples: int = 4,
        k1: int = 30,
        k2: int = 6,
        momentum: float = 0.2,
        matching: str | None = None,
        match_from: int = 0,
        aggregate: bool = False,
        batch_size: int = 64,
    ) -> None:
        if matching is not None and matching not in MATCHINGS:
            raise ValueError(f'ClusterHook.matching must be {" or ".join(map(repr, MATCHINGS))}, not {matching!r}')
        if aggregate and matching != 'votes':
            raise ValueError(
                "ClusterHook.aggregate wants partners that are each other's only ones: "
                f"matching='votes', not {matching!r}"
            )
        self.pipeline = pipeline
        self.density = dict(eps=eps, min_samples=min_samples, k1=k1, k2=k2)
        self.momentum = momentum
        self.matching = matching
        self.match_from = match_from
        self.aggregate = aggregate
        self.batch_size = batch_size

    def before_train(self, runner: Runner) -> None:
        """Check that the batches are drawn by clusters."""
        sampler = runner.train_dataloader.sampler
        if not isinstance(sampler, ClusterSampler):
            raise ValueError(
                'ClusterHook wants batches that are drawn by clusters, and train_dataloader.sampler is a '
                f'{type(sampler).__name__}: set its type to ClusterSampler'
            )

    def before_train_epoch(self, runner: Runner) -> None:
        """Find the clusters of this epoch."""
        dataset, model = runner.train_dataloader.dataset, bare_model(runner)
        features = self._extract(runner, dataset)  # (N, D)
        found = [self._find(runner, features, dataset) if dist.is_main_process() else None]
        dist.broadcast_object_list(found)
        labels, matches = found[0]  # (N,)
        runner.train_dataloader.sampler.set_clusters(labels)
        memory = self._memory(features, labels, matches, dataset.modalities, next(model.parameters()).device)
        for loss in model.criterion.losses.values():
            if hasattr(loss, 'memory'):
                loss.memory = memory
        self.memory = memory

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Let the clusters' features follow the batch."""
        self.memory.update()

    def after_train(self, runner: Runner) -> None:
        """Free the clusters' features."""
        for loss in bare_model(runner).criterion.losses.values():
            if hasattr(loss, 'memory'):
                loss.memory = None

    @torch.no_grad()
    def _extract(self, runner: Runner, dataset: VIReIDDataset) -> np.ndarray:
        """The retrieval features of all training images, (N, D) float32, in all processes."""
        batches = [
            list(range(start, min(start + self.batch_size, len(dataset))))
            for start in range(0, len(dataset), self.batch_size)
        ]
        loader = DataLoader(
            self._undisturbed(runner, dataset),
            batch_sampler=batches[dist.get_rank() :: dist.get_world_size()],
            num_workers=runner.train_dataloader.num_workers,
            collate_fn=stack_images,
            generator=torch.Generator(),  # else each loader would draw from the global one
        )
        model = bare_model(runner)
        model.eval()
        own = [
            torch.stack([sample.pred_feature for sample in model.test_step(batch)]).cpu().numpy() for batch in loader
        ]
        shares = dist.all_gather_object(own)
        parts = [shares[number % len(shares)][number // len(shares)] for number in range(len(batches))]
        return np.concatenate(parts)

    def _undisturbed(self, runner: Runner, dataset: VIReIDDataset) -> VIReIDDataset:
        """The training images as a test would see them."""
        images = copy.copy(dataset)
        images.pipeline = Compose([TRANSFORMS.build(step) for step in self.pipeline])
        cache_dir = runner.cfg.get('train_dataloader', {}).get('dataset', {}).get('cache_dir')
        if cache_dir is not None:
            images.read_packed(cache_dir)
        return images

    def _find(self, runner: Runner, features: np.ndarray, dataset: VIReIDDataset) -> tuple[np.ndarray, Matches | None]:
        """The clusters of all images and their partners; the log gets their quality."""
        labels = cluster_images(features, dataset.modalities, **self.density)
        visible, infrared = (dataset.modalities == modality for modality in Modality)
        parts = labels[visible], labels[infrared]
        matches = None
        if self.matching is not None and runner.epoch >= self.match_from:
            matches = MATCHINGS[self.matching]((features[visible], features[infrared]), parts)
        known = len(np.unique(dataset.pids)) > 1
        qualities = judge(parts, (dataset.pids[visible], dataset.pids[infrared]) if known else None, matches)
        scalars = {
            f'clusters/{modality.name.lower()}_{name}': value
            for modality, quality in zip(Modality, qualities)
            for name, value in quality.known().items()
        }
        runner.visualizer.add_scalars(scalars, step=runner.iter)
        runner.logger.info('; '.join(map(str, (f'Epoch {runner.epoch + 1}', *_described(qualities)))))
        return labels, matches

    def _memory(
        self,
        features: np.ndarray,
        labels: np.ndarray,
        matches: Matches | None,
        modalities: np.ndarray,
        device: torch.device,
    ) -> ClusterMemory:
        def tensor(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array).to(device)

        means = {
            int(modality): tensor(cluster_means(features[modalities == modality], labels[modalities == modality]))
            for modality in Modality
        }
        partners = {} if matches is None else {int(kind): tensor(found) for kind, found in zip(Modality, matches)}
        return ClusterMemory(means, partners, self.momentum, self.aggregate)


def _described(qualities) -> list[str]:
    texts = []
    for modality, quality in zip(Modality, qualities):
        shares = [f'{100 * value:.1f} % {name}' for name, value in quality.known().items() if name != 'clusters']
        texts.append(f'{quality.clusters} {modality.name.lower()} clusters: {", ".join(shares)}')
    return texts
