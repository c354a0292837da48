"""Vision transformers of DINOv2 (Oquab et al., TMLR 2024), with and without registers (Darcet et al., ICLR 2024)."""

from dataclasses import replace

from .timm import TIMM

__all__ = ['DINOV2']

DINOV2 = replace(
    TIMM,
    title='DINOv2',
    sign='blocks.0.ls1.gamma',
    names={
        'blocks.*.ls1.gamma': 'layers.*.attn.gamma1.weight',
        'blocks.*.ls2.gamma': 'layers.*.ffn.gamma2.weight',
        'register_tokens': 'registers',
        **TIMM.names,
    },
    dropped={'mask_token': 'the token of masked patches', **TIMM.dropped},
    needs='patch_size=14, stride=14, layer_scale=True, and num_registers=4 if there are registers',
)
