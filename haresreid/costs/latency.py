"""How long a forward pass takes: several models timed in turn, so that the noise of a shared machine hits all alike."""

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
    """What is timed: a batch of images to the features by which retrieval ranks them.

    Attributes:
        model (VIReID): Put into eval mode.
        images (Tensor): (B, 3, H, W) on the model's device; random ones do.
        batch (ReIDBatch): The images' modalities, for a backbone with modality-specific parts.
        dtype (torch.dtype): Of the arithmetic; another one than float32 is autocast's, weights stay float32 as in a
            training with :class:`BF16OptimWrapper`. Defaults to torch.float32.
    """

    model: VIReID
    images: Tensor
    batch: ReIDBatch
    dtype: torch.dtype = torch.float32

    @classmethod
    def from_config(
        cls, config: str, overrides: dict | None = None, batch_size: int = 1, dtype: torch.dtype = torch.float32
    ) -> 'ForwardPass':
        """A config's model with random weights, so that nothing is fetched, on random visible images of its size.

        Args:
            config (str): The config file.
            overrides (dict, optional): See :func:`haresreid.config.config.load_config`.
            batch_size (int): B. Defaults to 1.
            dtype (torch.dtype): Of the arithmetic. Defaults to torch.float32.
        """
        return cls.of_config(load_config(config, overrides), batch_size, dtype)

    @classmethod
    def of_config(cls, cfg: Config, batch_size: int = 1, dtype: torch.dtype = torch.float32) -> 'ForwardPass':
        """The same of a config that is read already.

        Args:
            cfg (Config): With a model.
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
    """How long a forward pass took.

    Attributes:
        seconds (np.ndarray): (R,) of each round.
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
        """95th percentile, in seconds; of few rounds it is next to the slowest."""
        return float(np.percentile(self.seconds, 95))

    @property
    def images_per_second(self) -> float:
        """At the median."""
        return self.batch_size / self.p50

    def relative_to(self, other: 'Latency') -> float:
        """How many times as long as the other it took, both measured together: the median of the rounds' ratios.

        A slow spell of the machine lasts longer than a round, and so falls out of the ratio.
        """
        return float(np.median(self.seconds / other.seconds))


def measure_latencies(
    passes: Mapping[Key, ForwardPass], rounds: int, warmup: int = 1, max_seconds: float = math.inf
) -> dict[Key, Latency]:
    """Time forward passes in turn: each round runs every one of them once, in an order of its own.

    Args:
        passes (Mapping[Key, ForwardPass]): By name.
        rounds (int): R, at most.
        warmup (int): Rounds before the first one that counts, which find memory and choose kernels; they count if the
            time is up before another one. Defaults to 1.
        max_seconds (float): No round begins later than this after the first. Defaults to infinity.

    Returns:
        dict[Key, Latency]: By name, in the order given.
    """
    shuffle = random.Random(0).sample  # a pass follows another one each round, whose traces in the caches differ
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
    """Until the GPU is through: a call only puts work into its queue."""
    if images.is_cuda:
        torch.cuda.synchronize(images.device)
