"""Whether HAResformer's transformer branch carries images, or gives every image the same."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ['BranchMeans', 'BranchProbe', 'StageBranches', 'held_at']


class StageBranches(NamedTuple):
    """One stage, over all images that passed.

    A spread is the standard deviation between images over the root mean square: 0 is the same output for every image, 1
    an output that is zero on average. A stream is a root mean square over the patch tokens of all layers.

    Attributes:
        cls_spread: Of the class token that TE hands on.
        patch_spread: Of the patch map that TE hands on, position by position.
        fused_spread: Of the fused map, the output of CFFM.
        tokens: Stream: patch tokens with their positions, as they enter the first layer.
        attention: Stream: what the attention's branch adds to it.
        mlp: Stream: what the MLP's branch adds to it.
        patch_entropy: Mean entropy of the patches' attention over that of attending to all tokens alike, 0 to 1.
        cls_entropy: The same of the class token's attention.
        cls_self_weight: Mean share of the class token's attention that falls on itself.
    """

    cls_spread: float
    patch_spread: float
    fused_spread: float
    tokens: float
    attention: float
    mlp: float
    patch_entropy: float
    cls_entropy: float
    cls_self_weight: float


class BranchMeans(NamedTuple):
    """Mean outputs of one stage's TE over images: the class token (D,) and the patch map (D, h, w)."""

    cls_token: Tensor
    patch_map: Tensor


class BranchProbe:
    """Watches an HFE's stages while images pass; any number of batches.

    Neither the model nor its outputs change. Watching computes one more attention matrix per image, one at a time.

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
        self.records = [_StageRecord() for _ in self.parts]

    def __enter__(self) -> 'BranchProbe':
        self.handles = [handle for record, (transformer, fusion) in zip(self.records, self.parts)
                        for handle in record.watch(transformer, fusion)]  # yapf: disable
        return self

    def __exit__(self, *error) -> None:
        for handle in self.handles:
            handle.remove()

    def stages(self) -> list[StageBranches]:
        """What was seen, stage by stage."""
        return [record.summary() for record in self.records]

    def means(self) -> list[BranchMeans]:
        """Mean outputs, stage by stage; see :func:`held_at`."""
        return [BranchMeans(record.cls.mean.float(), record.patches.mean.float()) for record in self.records]


@contextmanager
def held_at(backbone: nn.Module, means: list[BranchMeans], cls_tokens: bool = False,
            patch_maps: bool = False) -> Iterator[None]:
    """Replace outputs of every stage's TE by means, for all images alike: what is left is what the rest can do.

    Args:
        backbone (nn.Module): A :class:`HierarchicalFeatureExtractor`.
        means (list[BranchMeans]): Of :meth:`BranchProbe.means`.
        cls_tokens (bool): Whether the class tokens are replaced. Defaults to False.
        patch_maps (bool): Whether the patch maps are. Defaults to False.
    """

    def hold(mean: BranchMeans):

        def replaced(_, __, outputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            cls, patch_map = outputs  # (B, D), (B, D, h, w)
            return (mean.cls_token.to(cls).expand_as(cls) if cls_tokens else cls,
                    mean.patch_map.to(patch_map).expand_as(patch_map) if patch_maps else patch_map)

        return replaced

    handles = [transformer.register_forward_hook(hold(mean))
               for (transformer, _), mean in zip(_stages(backbone), means)]  # yapf: disable
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _stages(backbone: nn.Module) -> list[tuple[nn.Module, nn.Module]]:
    """TE and fusion of each stage."""
    if not all(hasattr(backbone, name) for name in ('transformers', 'fusions')):
        raise ValueError(f'The branches are those of HAResformer, and this model has a {type(backbone).__name__} '
                         'without transformer encoders.')
    return list(zip(backbone.transformers, backbone.fusions))


class _Moments:
    """Mean and spread of tensors (B, ...) over the rows of all batches, in float64."""

    def __init__(self) -> None:
        self.count, self.total, self.squares = 0, 0.0, 0.0

    def add(self, x: Tensor) -> None:
        x = x.detach().double()
        self.count += len(x)
        self.total = self.total + x.sum(0)
        self.squares += x.square().sum().item()

    @property
    def mean(self) -> Tensor:
        return self.total / self.count

    @property
    def size(self) -> float:
        """Root mean square."""
        return math.sqrt(self.squares / (self.count * self.total.numel()))

    @property
    def spread(self) -> float:
        """Standard deviation between rows, entry by entry, over the root mean square."""
        if not self.squares:
            return 0.0
        return math.sqrt(max(1 - self.mean.square().mean().item() / self.size**2, 0))


class _Average:
    """Weighted mean of numbers."""

    def __init__(self) -> None:
        self.total, self.weight = 0.0, 0

    def add(self, x: Tensor) -> None:
        self.total += x.detach().double().sum().item()
        self.weight += x.numel()

    @property
    def value(self) -> float:
        return self.total / self.weight


class _StageRecord:
    """What is kept of one stage."""

    def __init__(self) -> None:
        self.cls, self.patches, self.fused = _Moments(), _Moments(), _Moments()
        self.streams = {name: _Average() for name in ('tokens', 'attention', 'mlp')}  # of squares
        self.patch_entropy, self.cls_entropy, self.cls_self_weight = _Average(), _Average(), _Average()

    def watch(self, transformer: nn.Module, fusion: nn.Module) -> Iterator:
        """Register on a stage's modules; gives the handles."""
        yield transformer.register_forward_hook(lambda _, __, outputs: self._see_outputs(*outputs))
        yield fusion.register_forward_hook(lambda _, __, fused: self.fused.add(fused))
        yield transformer.layers[0].register_forward_pre_hook(lambda _, inputs: self._see_stream('tokens', inputs[0]))
        for layer in transformer.layers:
            yield layer.scale1.register_forward_hook(lambda _, __, x: self._see_stream('attention', x))
            yield layer.scale2.register_forward_hook(lambda _, __, x: self._see_stream('mlp', x))
            yield layer.attention.register_forward_pre_hook(self._see_attention)

    def _see_outputs(self, cls: Tensor, patch_map: Tensor) -> None:
        self.cls.add(cls)
        self.patches.add(patch_map)

    def _see_stream(self, name: str, tokens: Tensor) -> None:
        self.streams[name].add(tokens[:, 1:].detach().double().square())

    @torch.no_grad()
    def _see_attention(self, attention: nn.Module, inputs: tuple[Tensor]) -> None:
        for tokens in inputs[0].split(1):  # one image at a time: stage 1 has 2593 x 2593 pairs at 288 x 144
            matrix = attention.attention_matrix(tokens).double()  # (1, nh, N+1, N+1)
            entropy = torch.special.entr(matrix).sum(-1)  # (1, nh, N+1)
            keys = matrix.shape[-1]
            self.patch_entropy.add(entropy[..., 1:] / math.log(keys))
            self.cls_entropy.add(entropy[..., 0] / math.log(keys if attention.cls_self_attention else keys - 1))
            self.cls_self_weight.add(matrix[..., 0, 0])

    def summary(self) -> StageBranches:
        streams = {name: math.sqrt(squares.value) for name, squares in self.streams.items()}
        return StageBranches(self.cls.spread, self.patches.spread, self.fused.spread, **streams,
                             patch_entropy=self.patch_entropy.value, cls_entropy=self.cls_entropy.value,
                             cls_self_weight=self.cls_self_weight.value)
