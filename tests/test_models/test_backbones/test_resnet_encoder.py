import pytest
import torch
from torchvision.models import resnet18

from haresreid.models import ResNetEncoder
from haresreid.structures import ReIDBatch


def test_stages_one_by_one_equal_the_whole_network():
    encoder = ResNetEncoder(depth=18, base_channels=8)
    encoder.eval()
    images = torch.randn(2, 3, 96, 48)
    x = images
    for stage, (expected, channels) in enumerate(zip(encoder(images), encoder.channels)):
        x = encoder.forward_stage(x, stage, ReIDBatch.unlabelled(torch.tensor([0, 1])))
        assert torch.equal(x, expected)
        assert x.size(1) == channels
    assert encoder.channels == (8, 16, 32, 64)


def test_last_stage_keeps_the_resolution():
    encoder = ResNetEncoder(depth=18, base_channels=8)
    shapes = [tuple(x.shape[1:]) for x in encoder(torch.randn(1, 3, 96, 48))]
    assert shapes == [(8, 24, 12), (16, 12, 6), (32, 6, 3), (64, 6, 3)]


def test_parameters_are_named_as_torchvisions():
    ours = {key: value.shape for key, value in ResNetEncoder(depth=18).state_dict().items()}
    theirs = {key: value.shape for key, value in resnet18().state_dict().items() if not key.startswith('fc.')}
    assert ours == theirs


def test_three_stages_are_the_first_of_four():
    whole, three = ResNetEncoder(depth=18, base_channels=8), ResNetEncoder(depth=18, base_channels=8, strides=(1, 2, 2))
    whole.eval(), three.eval()
    three.load_state_dict({name: value for name, value in whole.state_dict().items() if 'layer4' not in name})
    images = torch.randn(2, 3, 96, 48)
    assert three.channels == (8, 16, 32)
    assert all(map(torch.equal, three(images), whole(images)[:3]))


@pytest.mark.parametrize('strides', [(), (1, 2, 2, 1, 1), (0, 2, 2), (1, -2)])
def test_strides_that_a_resnet_does_not_have(strides):
    with pytest.raises(ValueError, match='strides are one to four positive numbers'):
        ResNetEncoder(depth=18, base_channels=8, strides=strides)
