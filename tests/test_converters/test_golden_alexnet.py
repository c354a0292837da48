"""TONE and BDTR on their AlexNets against numbers that the released code gave.

No checkpoint of them can be read without TensorFlow, so the names of their parameters are translated here alone.
"""

import pytest
import torch
from torch import Tensor, nn

from haresreid.config.config import load_config
from haresreid.costs.model_cost import build_on_meta
from haresreid.structures import ReIDDataSample

from .test_golden import CONFIGS, check, make_images, weight


def translated(keys: dict) -> dict[str, Tensor]:
    weights = {}
    for name, shape in keys.items():
        layer, _, parameter = name.partition('.')
        layer, _, stream = layer.partition('_')
        ours = {'fc7': 'head.fc7', 'fc8': 'head.classifier'}.get(layer)
        if ours is None:
            ours = f'backbone.{"layers" if stream == "1" else "infrared"}.{layer}.'
            ours += 'norm' if parameter == 'bn.bias' else 'conv'
        value = weight(name, shape)
        if layer == 'fc6' and value.dim() == 2:  # theirs reads the map pixel by pixel
            value = value.view(4096, 6, 6, 256).permute(0, 3, 1, 2)
        weights[f'{ours}.{parameter.split(".")[-1]}'] = value
    return weights


@pytest.mark.parametrize('method, count', [('tone', 2), ('bdtr_alexnet', 4)])
def test_equals_the_released_network(golden, method, count):
    reference = golden(method.split('_')[0])
    weights = translated(reference['keys'])
    model = build_on_meta(load_config(str(CONFIGS / f'{method}.py'), {'model.head.num_classes': 206})).train()
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.to_empty(device='cpu').reset_parameters()
    missing, unknown = model.load_state_dict(weights, strict=False, assign=True)
    assert not unknown and all('.norm.' in name for name in missing) and len(norms) == (2 if count == 4 else 0)
    assert not any(norm.weight.requires_grad for norm in norms)
    model.head.dropout.p = 0.0
    streams = []  # fc6 of a modality, in TONE behind the ReLU
    for stream in (model.backbone.layers, model.backbone.infrared):
        observed = stream.fc6.norm if norms else stream.fc6
        observed.register_forward_hook(lambda layer, args, output: streams.append(output.flatten(1).clone()))

    order = torch.randperm(2 * count, generator=torch.Generator().manual_seed(0))  # we go by the modality
    samples = [ReIDDataSample(metainfo=dict(modality=int(row >= count))) for row in order]
    with torch.no_grad():
        features = model(make_images((227, 227), count=count)[order], samples)

    visible = order < count
    for name, output, rows, entry in (
        ('fc6', torch.cat(streams), torch.cat([order[visible], order[~visible]]), 'train_out0'),
        ('fc7', features['embed'], order, 'train_out1'),
        ('fc8', features['logits'], order, 'train_out2'),
    ):
        check(output[rows.argsort()], reference[entry], name, 1e-4)
