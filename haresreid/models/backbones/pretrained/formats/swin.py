"""Swin transformers of Microsoft (Liu et al., ICCV 2021), of timm, and of SOLIDER (Chen et al., CVPR 2023).

SOLIDER's names are MMPretrain's.
"""

from dataclasses import replace

from torch import Tensor

from ..weight_format import WeightFormat

__all__ = ['SOLIDER', 'SWIN', 'TIMM_SWIN']


def _merged_patches(value: Tensor) -> Tensor:
    """Reorder the last axis, of 2 x 2 patches: columns of patches first, then channels -> channels first, then rows."""
    return value.unflatten(-1, (2, 2, -1)).transpose(-3, -2).movedim(-1, -3).flatten(-3)


COMPUTED = 'computed from the size of the windows'
SWIN = WeightFormat(
    'Swin',
    sign='layers.0.downsample.norm.weight',
    names={
        'patch_embed.proj.': 'patch_embed.projection.',
        'layers.*.blocks.*.attn.': 'stages.*.blocks.*.attn.w_msa.',
        'layers.*.blocks.*.mlp.fc1.': 'stages.*.blocks.*.ffn.layers.0.0.',
        'layers.*.blocks.*.mlp.fc2.': 'stages.*.blocks.*.ffn.layers.1.',
        'layers.': 'stages.',
        'norm.': 'norm3.',
    },
    dropped={
        'head.': 'the classifier',
        'layers.*.blocks.*.attn_mask': COMPUTED,
        'layers.*.blocks.*.attn.relative_position_index': COMPUTED,
    },
    values=dict.fromkeys(('downsample.norm.weight', 'downsample.norm.bias', 'reduction.weight'), _merged_patches),
)
TIMM_SWIN = replace(  # it merges patches at the start of a stage, Microsoft at the end of the one before
    SWIN,
    title='Swin of timm',
    sign='layers.3.downsample.norm.weight',
    names={
        **{f'layers.{stage}.downsample.': f'stages.{stage - 1}.downsample.' for stage in (1, 2, 3)},
        **SWIN.names,
    },
)
SOLIDER = WeightFormat(
    'SOLIDER',
    sign='semantic_embed_w.0.weight',
    names={},
    dropped={
        **{f'norm{stage}.': 'the norm of an earlier stage' for stage in (0, 1, 2)},
        'stages.*.blocks.*.attn.w_msa.relative_position_index': COMPUTED,
        **dict.fromkeys(('semantic_embed_w.3.', 'semantic_embed_b.3.'), 'what no feature depends on'),
    },
    needs='semantic_weight=0.2',
)
