"""HFE, the hierarchical feature extraction of HAResformer (paper sec. III-B, Table I, Figs. 3-5)."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import accumulate
from operator import mul
from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

__all__ = ['HierarchicalFeatureExtractor', 'HierarchicalFeatures', 'te_widths']


class HierarchicalFeatures(NamedTuple):
    """What HFE hands to the head.

    Attributes:
        local: f_4, the last map of the ResNet encoder, (B, D_4, h, w).
        fused: g_4, the last fused map, (B, D_4, h, w).
        cls_tokens: Class tokens of the stages, (B, D_i) each.
        patch_map: p_4, the last patch map, (B, D_4, h, w).
    """

    local: Tensor
    fused: Tensor
    cls_tokens: tuple[Tensor, ...]
    patch_map: Tensor


@MODELS.register_module()
class HierarchicalFeatureExtractor(BaseModule):
    """Stages of ResNet encoder (RE), transformer encoder (TE) and fusion (CFFM), shared by both modalities.

    Stage i, with g_0 the image: ``f_i = RE_i(f_{i-1})`` never sees a fused map; ``cls_i, p_i = TE_i(g_{i-1})``; and
    ``g_i = fusion_i(f_i, p_i)``. TE is as wide as its stage, D_i, unless ``te_ratio`` says otherwise.

    Where the paper is silent: "two-stream with weight sharing" is read as one network for both modalities; the other
    reading, first parts per modality in the RE, is a :class:`TwoStreamResNet` as encoder. The fused maps of stages 1-3
    have 2 D_i = D_{i+1} channels, the reading that reproduces the cost in Table V; ``fused_width=1`` is the text of the
    paper to the letter (D_i channels). At stage 4 they have D_4 in either case.

    Args:
        encoder (dict): Config of the RE, a :class:`ResNetEncoder` or :class:`TwoStreamResNet`. It has the paper's four
            stages, or fewer; the last then takes the place of stage 4.
        img_size (tuple[int, int]): (H, W) of the images, which sizes the position embeddings; other sizes are accepted
            in ``forward`` by interpolating them. Defaults to (288, 144).
        patch_sizes (tuple[int]): P_i of Table I. Where they do not follow the encoder's strides, the patch map is
            resized (nearest) to f_i before fusion. Defaults to (4, 2, 2, 1).
        fusion (dict): Config of the fusion: :class:`CFFM`, or :class:`ConcatFusion` for the ablation without it.
            Defaults to ``dict(type='CFFM')``.
        fused_width (int): Channels of the fused maps of stages 1-3, in units of D_i: 1 or 2. Defaults to 2.
        te_ratio (float): Width of a TE divided by its stage's D_i. The paper uses 1. Most of a TE's cost grows with
            the square of it. A smaller ratio needs a :class:`CFFM`, and the same ``te_ratio`` in the head.
            Defaults to 1.
        checkpoint_stages (tuple[int]): Stages, 0 to 3, that keep only their outputs in a training step and recompute
            everything else in the backward pass: less memory, more time, the same gradients. Defaults to none.
        stage (dict): Config of every TE: :class:`TransformerEncoderStage`, or a class that takes its place. It is built
            with ``in_channels``, ``dims``, ``patch_size`` and ``grid_size`` as well. Defaults to
            ``dict(type='TransformerEncoderStage')``.

    Raises:
        ValueError: If ``img_size`` or an input of ``forward`` is not divisible into the patches, ``patch_sizes`` are
            not as many positive numbers as the encoder has stages, ``checkpoint_stages`` names a stage that does not
            exist, or ``te_ratio`` leaves no whole number of channels.
    """

    def __init__(
        self,
        encoder: dict,
        img_size: tuple[int, int] = (288, 144),
        patch_sizes: tuple[int, ...] = (4, 2, 2, 1),
        te_ratio: float = 1,
        fusion: dict = dict(type='CFFM'),
        fused_width: int = 2,
        checkpoint_stages: tuple[int, ...] = (),
        stage: dict = dict(type='TransformerEncoderStage'),
    ) -> None:
        super().__init__()
        if fused_width not in (1, 2):
            raise ValueError(f'fused_width must be 1 or 2, not {fused_width!r}.')
        self.encoder = MODELS.build(encoder)
        channels = self.encoder.channels
        if len(patch_sizes) != len(channels) or min(patch_sizes) < 1:
            raise ValueError(
                f'patch_sizes are {len(channels)} positive numbers, one for each stage of the encoder, not '
                f'{patch_sizes}.'
            )
        if not set(checkpoint_stages) <= set(range(len(channels))):
            raise ValueError(f'checkpoint_stages must be stages, 0 to {len(channels) - 1}, not {checkpoint_stages}.')
        self.checkpoint_stages = tuple(checkpoint_stages)
        reductions = tuple(accumulate(self.encoder.strides, mul, initial=4))[1:]  # of f_1..f_4
        te_reductions = tuple(before * patch for before, patch in zip((1, *reductions), patch_sizes))
        self.size_divisor = math.lcm(*reductions, *te_reductions)
        self._check_size(*img_size)

        widths = te_widths(channels, te_ratio)
        fused_channels = (*(fused_width * dims for dims in channels[:-1]), channels[-1])
        self.transformers = nn.ModuleList(
            MODELS.build(
                dict(
                    stage,
                    in_channels=in_channels,
                    dims=width,
                    patch_size=patch,
                    grid_size=(img_size[0] // reduction, img_size[1] // reduction),
                )
            )
            for in_channels, width, patch, reduction in zip((3, *fused_channels), widths, patch_sizes, te_reductions)
        )
        self.fusions = nn.ModuleList(
            MODELS.build(dict(fusion, channels=dims, global_channels=width, out_channels=out))
            for dims, width, out in zip(channels, widths, fused_channels)
        )

    def stages(self) -> dict[str, nn.Module]:
        """``RE1`` to ``RE4``, ``TE1`` to ``TE4`` and ``CFFM1`` to ``CFFM4``; a fusion is called CFFM whatever it is."""
        parts = dict(TE=self.transformers, CFFM=self.fusions)
        return self.encoder.stages() | {
            f'{part}{number}': stage for part, stages in parts.items() for number, stage in enumerate(stages, start=1)
        }

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[HierarchicalFeatures, ReIDBatch]:
        """Extract the features of normalised images, (B, 3, H, W); the rows stay as they are."""
        self._check_size(*inputs.shape[-2:])
        local, fused, cls_tokens = inputs, inputs, []
        for stage in range(len(self.transformers)):
            if stage in self.checkpoint_stages and self.training and torch.is_grad_enabled():
                local, fused, cls, patch_map = checkpoint(
                    self._forward_stage,
                    stage,
                    local,
                    fused,
                    batch,
                    use_reentrant=False,
                    preserve_rng_state=False,  # nothing in a stage is random
                    context_fn=lambda: (nullcontext(), _fixed_running_statistics(self)),
                )
            else:
                local, fused, cls, patch_map = self._forward_stage(stage, local, fused, batch)
            cls_tokens.append(cls)
        return HierarchicalFeatures(local, fused, tuple(cls_tokens), patch_map), batch

    def _forward_stage(
        self, stage: int, local: Tensor, fused: Tensor, batch: ReIDBatch
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """f_{i-1} and g_{i-1} -> f_i (B, D_i, h, w), g_i (B, 2*D_i, h, w; in stage 4 D_4), cls_i (B, D_i), p_i.

        p_i is (B, D_i, h, w). With a ``te_ratio`` r other than 1, cls_i and p_i have r * D_i channels.
        """
        local = self.encoder.encoder_stages[stage](local, batch)  # (B, D_i, h, w)
        cls, patch_map = self.transformers[stage](fused)  # (B, D_i), (B, D_i, h', w')
        if patch_map.shape[-2:] != local.shape[-2:]:
            patch_map = F.interpolate(patch_map, size=local.shape[-2:])  # (B, D_i, h, w)
        return local, self.fusions[stage](local, patch_map), cls, patch_map

    def _check_size(self, height: int, width: int) -> None:
        divisor = self.size_divisor
        if height % divisor == 0 and width % divisor == 0:
            return
        nearest = [
            sorted({max(side // divisor, 1) * divisor, -(-side // divisor) * divisor}) for side in (height, width)
        ]
        fitting = ', '.join(f'{h}x{w}' for h in nearest[0] for w in nearest[1])
        raise ValueError(
            f'HAResformer cannot divide images of {height}x{width} (height x width) into its patches: '
            f'both sides must be multiples of {divisor}; the nearest sizes that fit are {fitting}.'
        )


def te_widths(stage_channels: Sequence[int], te_ratio: float) -> tuple[int, ...]:
    """Channels of the class tokens and patch maps of the stages: ``te_ratio`` times D_i.

    Raises:
        ValueError: If one is no positive whole number.
    """
    widths = [te_ratio * dims for dims in stage_channels]
    if not all(width >= 1 and float(width).is_integer() for width in widths):
        raise ValueError(
            f'te_ratio={te_ratio} of {stage_channels} channels leaves {widths} for the transformers; choose one that '
            'leaves whole numbers.'
        )
    return tuple(int(width) for width in widths)


@contextmanager
def _fixed_running_statistics(model: nn.Module) -> Iterator[None]:
    """Keep batch norms from updating their running statistics a second time with the same batch."""
    norms = [
        (module, module.momentum, module.num_batches_tracked)
        for module in model.modules()
        if isinstance(module, nn.modules.batchnorm._BatchNorm)
    ]
    for norm, *_ in norms:
        norm.momentum, norm.num_batches_tracked = 0.0, None
    try:
        yield
    finally:
        for norm, momentum, count in norms:
            norm.momentum, norm.num_batches_tracked = momentum, count
