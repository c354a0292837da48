import torch
import torch.nn.functional as F

from haresreid.models import EnlargingResNet, TwoStreamResNet
from haresreid.structures import ReIDBatch


def test_enlarges_and_normalises_as_imagenets_weights_want_it():
    torch.manual_seed(0)
    backbone = EnlargingResNet(depth=18, base_channels=8, size=(64, 32))
    plain = TwoStreamResNet(depth=18, base_channels=8, num_specific=0)
    plain.load_state_dict(backbone.state_dict())
    backbone.eval()
    plain.eval()
    images, rows = torch.rand(2, 3, 32, 16) * 2 - 1, ReIDBatch.labelled(torch.tensor([0, 1]))
    pixels = 255 * (F.interpolate(images, (64, 32), mode='bilinear') + 1) / 2
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)))
    (expected,), _ = plain((pixels - mean) / std, rows)
    (found,), _ = backbone(images, rows)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    (as_they_are,), _ = EnlargingResNet(depth=18, base_channels=8)(images, rows)
    assert as_they_are.shape[-2:] == (2, 1)
