import torch
import torch.nn.functional as F

from haresreid.models import ConditionalPatchDiscriminator, PatchDiscriminator


def normed(x):
    mean, var = x.mean((2, 3), keepdim=True), x.var((2, 3), unbiased=False, keepdim=True)
    return (x - mean) / (var + 1e-5).sqrt()


def halved(x, conv, norm=True):
    x = F.conv2d(x, conv.weight, conv.bias, stride=2, padding=1)
    x = normed(x) if norm else x
    return torch.where(x > 0, x, 0.2 * x)


def test_a_score_for_each_place_after_three_halvings():
    part, images = PatchDiscriminator(base_channels=4, num_layers=3).double(), torch.randn(2, 3, 32, 16).double()
    first, second, third = (layer for layer in part.layers if isinstance(layer, torch.nn.Conv2d))
    x = halved(halved(halved(images, first, norm=False), second), third)
    expected = F.conv2d(x, part.score.weight, padding=1)
    assert expected.shape == (2, 1, 4, 2) and third.weight.shape[:2] == (16, 8)
    torch.testing.assert_close(part(images), expected)


def test_the_map_joins_in_front_of_the_last_two_halvings():
    part = ConditionalPatchDiscriminator(feature_channels=6, base_channels=4, num_layers=4).double()
    images, maps = torch.randn(2, 3, 32, 32).double(), torch.randn(2, 6, 3, 2).double()
    first, second = (layer for layer in part.of_images if isinstance(layer, torch.nn.Conv2d))
    seen = halved(halved(images, first, norm=False), second)
    known = F.leaky_relu(F.conv2d(maps, part.of_maps[0].weight, part.of_maps[0].bias), 0.2)
    known = F.interpolate(known, (8, 8), mode='bilinear')
    third, fourth = (layer for layer in part.of_both if isinstance(layer, torch.nn.Conv2d))
    x = halved(halved(torch.cat((seen, known), 1), third), fourth)
    assert third.weight.shape[:2] == (16, 12) and fourth.weight.shape[:2] == (32, 16)
    torch.testing.assert_close(part(images, maps), F.conv2d(x, part.score.weight, padding=1))
