"""Vision transformers of TransReID-SSL (Luo et al., 2021), trained on LUPerson, with the stem of convolutions."""

from dataclasses import replace

from .timm import TIMM

__all__ = ['TRANSREID_SSL']

TRANSREID_SSL = replace(
    TIMM,
    title='TransReID-SSL with ICS',
    sign='patch_embed.conv.0.weight',
    names={
        'patch_embed.conv.1.IN.': 'patch_embed.stem.1.instance.',
        'patch_embed.conv.1.BN.': 'patch_embed.stem.1.batch.',
        'patch_embed.conv.4.IN.': 'patch_embed.stem.4.instance.',
        'patch_embed.conv.4.BN.': 'patch_embed.stem.4.batch.',
        'patch_embed.conv.': 'patch_embed.stem.',
        **TIMM.names,
    },
    needs='ics_stem=True',
)
