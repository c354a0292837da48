"""A probe that shows whether HAResformer's transformer branch still distinguishes images."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from haresreid.models import TransformerEncoderStage, stages_of

from .moments import Moments, to_float64

__all__ = ['BranchMeans', 'BranchProbe', 'StageBranches', 'Stream', 'has_branches', 'held_at']

# Query-key pairs in memory at a time: those of one image in stage 1 at 288 x 144.
MAX_PAIRS = 2593**2


@dataclass(frozen=True)
class Stream:
    """The patch tokens at one place of TE's residual stream, in all layers and over all images.

    Attributes:
        rms: Root mean square.
        spread: Standard deviation between images, position by position, divided by ``rms``.
        common: Root mean square of the mean over all patches of all images, divided by ``rms``: 1 means the same vector
            everywhere.
    """

    rms: float
    spread: float
    common: float


@dataclass(frozen=True)
class StageBranches:
    """The measurements of one stage, over all images that passed.

    A spread is the standard deviation between images divided by the root mean square: 0 means the same output for every
    image, 1 an output that is zero on average.

    Attributes:
        cls_spread: Spread of the class token that TE returns.
        patch_mean_spread: Spread of the mean of the patch tokens that TE returns.
        patch_spread: Spread of the patch map that TE returns, position by position.
        fused_spread: Spread of the fused map, the output of CFFM.
        tokens: Patch tokens with their positions, as they enter the first layer.
        normed: The tokens after the LayerNorm that precedes the attention.
        attention: What the attention's branch adds to the stream.
        mlp: What the MLP's branch adds to the stream.
        patch_entropy: Mean entropy of the patches' attention divided by that of uniform attention, 0 to 1.
        cls_entropy: The same for the class token's attention.
        cls_self_weight: Mean share of the class token's attention that falls on itself.
    """

    cls_spread: float
    patch_mean_spread: float
    patch_spread: float
    fused_spread: float
    tokens: Stream
    normed: Stream
    attention: Stream
    mlp: Stream
    patch_entropy: float
    cls_entropy: float
    cls_self_weight: float


class BranchMeans(NamedTuple):
    """Mean outputs of one stage's TE over images: the class token (D,) and the patch map (D, h, w)."""

    cls_token: Tensor
    patch_map: Tensor


class BranchProbe:
    """Measures an HFE's stages while any number of batches pass through it.

    Neither the model nor its outputs change. The probe computes the attention matrices, which the model does not keep.

    Args:
        backbone (nn.Module): A :class:`HierarchicalFeatureExtractor`.

    Raises:
        ValueError: If it has no transformer encoders.

    Examples:
        >>> with BranchProbe(model.backbone) as probe:
        ...     model.test_step(batch)
        >>> probe.stages()[3].cls_spread
    """

    def __init__(self, backbone: nn.Module) -> None:
        self.parts = _stages(backbone)
        self.records = [_StageRecord(len(transformer.layers)) for transformer, _ in self.parts]

    def __enter__(self) -> 'BranchProbe':
        self.handles = [
            handle
            for record, (transformer, fusion) in zip(self.records, self.parts)
            for handle in record.watch(transformer, fusion)
        ]
        return self

    def __exit__(self, *error) -> None:
        for handle in self.handles:
            handle.remove()

    def stages(self) -> list[StageBranches]:
        """The measurements, stage by stage."""
        return [record.summary() for record in self.records]

    def means(self) -> list[BranchMeans]:
        """Mean outputs, stage by stage; see :func:`held_at`."""
        return [BranchMeans(record.cls.mean.float(), record.patches.mean.float()) for record in self.records]


@contextmanager
def held_at(
    backbone: nn.Module, means: list[BranchMeans], cls_tokens: bool = False, patch_maps: bool = False
) -> Iterator[None]:
    """Replace outputs of every stage's TE by their means for all images, to see what the other parts achieve alone.

    Args:
        backbone (nn.Module): A :class:`HierarchicalFeatureExtractor`.
        means (list[BranchMeans]): Of :meth:`BranchProbe.means`.
        cls_tokens (bool): Whether the class tokens are replaced. Defaults to False.
        patch_maps (bool): Whether the patch maps are. Defaults to False.
    """

    def hold(mean: BranchMeans):

        def replaced(_, __, outputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            cls, patch_map = outputs  # (B, D), (B, D, h, w)
            return (
                mean.cls_token.to(cls).expand_as(cls) if cls_tokens else cls,
                mean.patch_map.to(patch_map).expand_as(patch_map) if patch_maps else patch_map,
            )

        return replaced

    handles = [
        transformer.register_forward_hook(hold(mean)) for (transformer, _), mean in zip(_stages(backbone), means)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def has_branches(backbone: nn.Module) -> bool:
    """Whether a backbone has transformer encoders beside its CNN, as HAResformer's has."""
    return isinstance(stages_of(backbone).get('TE1'), TransformerEncoderStage)


def _stages(backbone: nn.Module) -> list[tuple[nn.Module, nn.Module]]:
    """TE and fusion of each stage."""
    if not has_branches(backbone):
        raise ValueError(
            f'The branches are those of HAResformer, and this model has a {type(backbone).__name__} '
            'without transformer encoders.'
        )
    stages = stages_of(backbone)
    return [(stage, stages[name.replace('TE', 'CFFM')]) for name, stage in stages.items() if name.startswith('TE')]


class _Average:
    """A running weighted mean of numbers."""

    def __init__(self) -> None:
        self.total, self.weight = 0.0, 0

    def add(self, x: Tensor) -> None:
        self.total += to_float64(x).sum().item()
        self.weight += x.numel()

    @property
    def value(self) -> float:
        return self.total / self.weight


class _StageRecord:
    """The statistics that the probe keeps for one stage."""

    def __init__(self, num_layers: int) -> None:
        self.cls, self.patch_mean, self.patches, self.fused = Moments(), Moments(), Moments(), Moments()
        self.streams = {name: [Moments() for _ in range(num_layers)] for name in ('normed', 'attention', 'mlp')}
        self.streams['tokens'] = [Moments()]  # in front of the first layer
        self.patch_entropy, self.cls_entropy, self.cls_self_weight = _Average(), _Average(), _Average()

    def watch(self, transformer: nn.Module, fusion: nn.Module) -> Iterator:
        """Register hooks on a stage's modules, and yield their handles."""
        yield transformer.register_forward_hook(lambda _, __, outputs: self._see_outputs(*outputs))
        yield fusion.register_forward_hook(lambda _, __, fused: self.fused.add(fused))
        yield transformer.layers[0].register_forward_pre_hook(
            lambda _, inputs: _add_patches(self.streams['tokens'][0], inputs[0])
        )
        for number, layer in enumerate(transformer.layers):
            for name, module in dict(normed=layer.norm1, attention=layer.attention, mlp=layer.mlp).items():
                yield module.register_forward_hook(
                    lambda _, __, tokens, stream=self.streams[name][number]: _add_patches(stream, tokens)
                )
            yield layer.attention.register_forward_pre_hook(self._see_attention)

    def _see_outputs(self, cls: Tensor, patch_map: Tensor) -> None:
        self.cls.add(cls)
        self.patch_mean.add(patch_map.mean((2, 3)))
        self.patches.add(patch_map)

    @torch.no_grad()
    def _see_attention(self, attention: nn.Module, inputs: tuple[Tensor]) -> None:
        keys = inputs[0].shape[1]
        for tokens in inputs[0].split(max(1, MAX_PAIRS // keys**2)):
            matrix = attention.attention_matrix(tokens)  # (b, nh, N+1, N+1)
            entropy = torch.special.entr(matrix).sum(-1)  # (b, nh, N+1)
            self.patch_entropy.add(entropy[..., 1:] / math.log(keys))
            self.cls_entropy.add(entropy[..., 0] / math.log(keys if attention.cls_self_attention else keys - 1))
            self.cls_self_weight.add(matrix[..., 0, 0])

    def summary(self) -> StageBranches:
        joined = {name: Moments.of_layers(layers) for name, layers in self.streams.items()}
        streams = {name: Stream(moments.size, moments.spread, moments.common) for name, moments in joined.items()}
        return StageBranches(
            self.cls.spread,
            self.patch_mean.spread,
            self.patches.spread,
            self.fused.spread,
            **streams,
            patch_entropy=self.patch_entropy.value,
            cls_entropy=self.cls_entropy.value,
            cls_self_weight=self.cls_self_weight.value,
        )


def _add_patches(stream: Moments, tokens: Tensor) -> None:
    """Add tokens (B, N+1, D), without the class token, to the moments of a stream."""
    stream.add(tokens[:, 1:])
