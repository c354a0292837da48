"""The time of a forward pass; several models are timed in turn, so that noise on a shared machine affects all alike."""

import math
import random
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import init_default_scope
from torch import Tensor

from haresreid.config.config import image_size, load_config
from haresreid.models import VIReID
from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

__all__ = ['ForwardPass', 'Latency', 'measure_latencies']

Key = TypeVar('Key', bound=Hashable)


@dataclass(frozen=True)
class ForwardPass:
    """The pass that is timed: from a batch of images to the features that retrieval ranks by.

    Attributes:
        model (VIReID): The model; it is put into eval mode.
        images (Tensor): (B, 3, H, W) on the model's device; random ones are fine.
        batch (ReIDBatch): The images' modalities, for a backbone with modality-specific parts.
        dtype (torch.dtype): Data type of the arithmetic. Any other than float32 is run under autocast, with weights in
            float32, as in a training with :class:`BF16OptimWrapper`. Defaults to torch.float32.
    """

    model: VIReID
    images: Tensor
    batch: ReIDBatch
    dtype: torch.dtype = torch.float32

    @classmethod
    def from_config(
        cls, config: str, overrides: dict | None = None, batch_size: int = 1, dtype: torch.dtype = torch.float32
    ) -> 'ForwardPass':
        """A config's model with random weights (nothing is downloaded), on random visible images of its size.

        Args:
            config (str): The config file.
            overrides (dict, optional): See :func:`haresreid.config.config.load_config`.
            batch_size (int): B. Defaults to 1.
            dtype (torch.dtype): Of the arithmetic. Defaults to torch.float32.
        """
        return cls.of_config(load_config(config, overrides), batch_size, dtype)

    @classmethod
    def of_config(cls, cfg: Config, batch_size: int = 1, dtype: torch.dtype = torch.float32) -> 'ForwardPass':
        """Like :meth:`from_config`, for a config that has already been read.

        Args:
            cfg (Config): A config with a model.
            batch_size (int): B. Defaults to 1.
            dtype (torch.dtype): Of the arithmetic. Defaults to torch.float32.
        """
        init_default_scope('haresreid')
        images = torch.randn(batch_size, 3, *image_size(cfg), device=get_device())
        model = MODELS.build(cfg.model).to(images.device)
        model.flip_test = False  # one pass, without the mirror images
        return cls(model, images, ReIDBatch.unlabelled(torch.full((batch_size,), Modality.VISIBLE)), dtype)

    def __post_init__(self) -> None:
        self.model.eval()

    def __call__(self) -> Tensor:
        """The features, (B, D)."""
        device = self.images.device.type
        with torch.inference_mode(), torch.autocast(device, self.dtype, enabled=self.dtype != torch.float32):
            return self.model.embed(self.images, self.batch)


@dataclass(frozen=True)
class Latency:
    """The measured time of a forward pass.

    Attributes:
        seconds (np.ndarray): (R,) time in each round.
        batch_size (int): Images in a pass.
    """

    seconds: np.ndarray
    batch_size: int

    @property
    def p50(self) -> float:
        """Median, in seconds."""
        return float(np.percentile(self.seconds, 50))

    @property
    def p95(self) -> float:
        """95th percentile, in seconds; with few rounds it is close to the slowest."""
        return float(np.percentile(self.seconds, 95))

    @property
    def images_per_second(self) -> float:
        """Images per second at the median time."""
        return self.batch_size / self.p50

    def relative_to(self, other: 'Latency') -> float:
        """The median over rounds of this time divided by the other's, both measured together.

        A slow period of the machine lasts longer than a round and therefore cancels out of the ratio.
        """
        return float(np.median(self.seconds / other.seconds))


def measure_latencies(
    passes: Mapping[Key, ForwardPass], rounds: int, warmup: int = 1, max_seconds: float = math.inf
) -> dict[Key, Latency]:
    """Time forward passes in turn: each round runs every pass once, in a random order.

    Args:
        passes (Mapping[Key, ForwardPass]): Passes by name.
        rounds (int): Number of rounds R, at most.
        warmup (int): Rounds before the first one that counts; they allocate memory and choose kernels. They count
            if no time is left for another round. Defaults to 1.
        max_seconds (float): No round begins later than this after the first. Defaults to infinity.

    Returns:
        dict[Key, Latency]: By name, in the order given.
    """
    shuffle = random.Random(0).sample  # each round a pass follows a different one, which leaves other data in caches
    seconds: dict[Key, list[float]] = {name: [] for name in passes}
    start = time.perf_counter()
    for _ in range(warmup + rounds):
        for name in shuffle(list(passes), len(passes)):
            seconds[name].append(_time(passes[name]))
        if time.perf_counter() - start >= max_seconds:
            break
    return {
        name: Latency(np.array(values[warmup:] or values), len(passes[name].images)) for name, values in seconds.items()
    }


def _time(forward: ForwardPass) -> float:
    _wait(forward.images)
    start = time.perf_counter()
    forward()
    _wait(forward.images)
    return time.perf_counter() - start


def _wait(images: Tensor) -> None:
    """Wait until the GPU has finished, since a call only queues its work."""
    if images.is_cuda:
        torch.cuda.synchronize(images.device)
