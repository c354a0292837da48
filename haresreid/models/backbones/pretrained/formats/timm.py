"""Vision transformers of timm, and of what took over its names: DeiT, TransReID, PMT."""

from ..weight_format import WeightFormat

__all__ = ['BLOCK', 'TIMM', 'timm_names']

BLOCK = {
    'norm1.': 'ln1.',
    'attn.': 'attn.',
    'norm2.': 'ln2.',
    'mlp.fc1.': 'ffn.layers.0.0.',
    'mlp.fc2.': 'ffn.layers.1.',
}
TIMM = WeightFormat(
    'timm',
    sign='blocks.0.norm1.weight',
    names={
        'patch_embed.proj.': 'patch_embed.projection.',
        **{f'blocks.*.{theirs}': f'layers.*.{ours}' for theirs, ours in BLOCK.items()},
        'norm.': 'ln1.',
    },
    dropped={
        **dict.fromkeys(('head', 'fc.', 'fc_norm.', 'pre_logits.', 'dist_token'), 'the classifier'),
        'sie_embed': "embeddings of another data set's cameras",
    },
    under=('', 'backbone.', 'base.'),
)


def timm_names(num_layers: int) -> dict[str, str]:
    """Prefixes of parameter names: timm's -> MMPretrain's.

    Args:
        num_layers (int): The number of blocks.
    """
    return {
        'cls_token': 'cls_token',
        'pos_embed': 'pos_embed',
        'patch_embed.proj.': 'patch_embed.projection.',
        **{
            f'blocks.{block}.{theirs}': f'layers.{block}.{ours}'
            for block in range(num_layers)
            for theirs, ours in BLOCK.items()
        },
        'norm.': 'ln1.',
    }
