"""What the narrow vision transformers share: the recipe of the narrow baselines, from start weights of their own."""

from mmengine.config import read_base

with read_base():
    from .synth import *

narrow_vit = dict(
    arch=dict(embed_dims=64, num_layers=4, num_heads=4, feedforward_channels=256),
    img_size=(96, 48),
    patch_size=8,
    pretrained='haresreid://vit_synvi',
)
