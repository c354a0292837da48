import json
from pathlib import Path

import pytest
import torch
from torchvision.models import resnet50

GOLDEN = Path(__file__).parents[1] / 'data/golden'


def cm_nas_keys(resnet: dict[str, list[int]]) -> dict[str, list[int]]:
    """The parameters of CM-NAS's network: a ResNet-50 with every norm in three forms, and a BNNeck."""
    keys = {'classifier.weight': [395, 2048]}
    for name, shape in resnet.items():
        module, parameter = name.rsplit('.', 1)
        module = module.replace('downsample.0', 'downsample.conv').replace('downsample.1', 'downsample.bn')
        forms = ('thermal_bn.', 'visible_bn.', 'sharable_bn.') if module.split('.')[-1].startswith('bn') else ('',)
        keys |= {f'backbone.{module}.{form}{parameter}': shape for form in forms if module != 'fc'}
        if module == 'layer4.2.bn3':
            keys[f'bnneck.{parameter}'] = shape
    return keys


@pytest.fixture(scope='session')
def golden():
    """The reference file of a method, with its parameters' names and shapes in full, as a function of the method."""
    with torch.device('meta'):
        resnet = {name: list(value.shape) for name, value in resnet50().state_dict().items()}

    def read(method: str) -> dict:
        reference = json.loads((GOLDEN / f'{method}.json').read_text())
        keys = {}
        for name, shape in (cm_nas_keys(resnet) if method == 'cm_nas' else reference['keys']).items():
            if shape and isinstance(shape[0], str):  # parts of torchvision's ResNet-50, under that prefix
                keys |= {name + key: size for key, size in resnet.items() if key.split('.')[0] in shape}
            else:
                keys[name] = shape
        return dict(reference, keys=keys)

    return read


@pytest.fixture(scope='session')
def official(golden):
    """An official state dict of a method, as a function: every parameter is full of a number of its own."""

    def make(method: str) -> dict[str, torch.Tensor]:
        return {
            name: torch.full(shape, number + (0 if name.endswith('num_batches_tracked') else 0.5))
            for number, (name, shape) in enumerate(golden(method)['keys'].items())
        }

    return make
