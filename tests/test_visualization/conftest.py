import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from torch import nn

from haresreid.evaluation import FeatureSet
from haresreid.evaluation.functional import l2_normalize
from haresreid.registry import MODELS

CHANNELS = (8, 16, 32, 64)


@pytest.fixture
def clusters():
    """9 people far apart, 3 visible and 2 infrared images each; the last has no infrared one."""
    rng = np.random.default_rng(0)
    pids = np.repeat(np.arange(10, 19), 5)
    infrared = np.tile([0, 1, 0, 1, 0], 9)
    infrared[-5:] = 0
    features = l2_normalize(5 * np.eye(9)[pids - 10] + 0.1 * rng.standard_normal((45, 9)))
    return FeatureSet(features, pids, np.where(infrared, 3, 1), infrared, [f'{number}.png' for number in range(45)])


@pytest.fixture
def red_and_blue():
    """A HAResformer at 96 x 48 whose every weight is set by hand, so that it knows where red and where blue is.

    Channel 0 of every map, token and feature is the amount of red there, channel 1 of blue, the others are empty. All
    is local but attention, which looks everywhere alike. So the gradient of a similarity to a red image is known
    everywhere: for channel 0, against channel 1.
    """
    init_default_scope('haresreid')
    model = MODELS.build(
        dict(
            type='VIReID',
            backbone=dict(
                type='HierarchicalFeatureExtractor',
                encoder=dict(type='ResNetEncoder', depth=18, base_channels=8),
                img_size=(96, 48),
            ),
            head=dict(type='HGAEHead', num_classes=2, stage_channels=CHANNELS),
        )
    ).eval()
    backbone, encoder = model.backbone, model.backbone.encoder
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        for name, module in model.named_modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)) and not name.endswith('bn2'):
                module.weight.fill_(1)  # bn2, the last of a residual branch, stays zero: blocks hand on what they get
            if isinstance(module, nn.LayerNorm):
                module.eps = 1  # next to linear, so that an empty token stays empty
        encoder.conv1.weight[0, 0, 3, 3] = encoder.conv1.weight[1, 2, 3, 3] = 1
        for layer in encoder.res_layers[1:]:
            _carry(getattr(encoder, layer)[0].downsample[0].weight, 0)
        for stage, (transformer, fusion, width) in enumerate(zip(backbone.transformers, backbone.fusions, CHANNELS)):
            _carry(transformer.patch_embed.weight, 0, step=1 if stage else 2)
            _carry(transformer.layers[0].attention.qkv.weight[2 * width :], 0)  # q and k stay zero: all tokens alike
            _carry(transformer.layers[0].attention.proj.weight, 0)
            for start in (0, width):  # the local map, the global one
                _carry(fusion.pointwise.conv.weight, start)
        for start in np.cumsum((0, *CHANNELS[:3])):  # the four class tokens
            _carry(model.head.hgae[0].weight, start)
    return model


def _carry(weight, start, step=1):
    """Let outputs 0 and 1 take the inputs ``start`` and ``start + step``."""
    weight[0, start] = 1
    weight[1, start + step] = 1
