"""The image encoders of CLIP (Radford et al., ICML 2021) as OpenAI and open_clip name them."""

from ..weight_format import WeightFormat

__all__ = ['CLIP_RESNET', 'CLIP_VIT']

CLIP_VIT = WeightFormat(
    'CLIP',
    sign='transformer.resblocks.0.ln_1.weight',
    names={
        'class_embedding': 'cls_token',
        'positional_embedding': 'pos_embed',
        'conv1.': 'patch_embed.projection.',
        'ln_pre.': 'pre_norm.',
        'transformer.resblocks.*.ln_1.': 'layers.*.ln1.',
        'transformer.resblocks.*.attn.in_proj_': 'layers.*.attn.qkv.',
        'transformer.resblocks.*.attn.out_proj.': 'layers.*.attn.proj.',
        'transformer.resblocks.*.ln_2.': 'layers.*.ln2.',
        'transformer.resblocks.*.mlp.c_fc.': 'layers.*.ffn.layers.0.0.',
        'transformer.resblocks.*.mlp.c_proj.': 'layers.*.ffn.layers.1.',
        'ln_post.': 'ln1.',
    },
    dropped={'proj': 'the projection to the space of texts'},
    under=('visual.',),
    values={'cls_token': lambda value: value.reshape(1, 1, -1), 'pos_embed': lambda value: value.unsqueeze(0)},
    needs='pre_norm=True, norm_eps=1e-5, and quick_gelu=True for those of OpenAI',
)
CLIP_RESNET = WeightFormat(
    'CLIP',
    sign='conv3.weight',  # of the stem
    names={
        'conv1.': 'conv1.0.',
        'bn1.': 'conv1.1.',
        'conv2.': 'conv1.3.',
        'bn2.': 'conv1.4.',
        'conv3.': 'conv1.6.',
        'bn3.': 'bn1.',
    },
    dropped={'attnpool.': 'the pooling by attention'},
    under=('visual.',),
)
