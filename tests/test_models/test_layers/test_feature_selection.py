import pytest
import torch

from haresreid.models import TwoStreamResNet
from haresreid.models.layers import FeatureSelection


@pytest.fixture
def cell():
    torch.manual_seed(0)
    cell = FeatureSelection(6)
    with torch.no_grad():
        cell.channel_logits.copy_(torch.tensor([2.0, -1.0, 0.5, 3.0, -0.1, 1.0]))
        cell.pixel.weight.normal_()
        cell.pixel.bias.zero_()
    return cell


def test_outside_training_positive_logits_are_kept_one_by_one(cell):
    x = torch.randn(2, 6, 3, 4)
    with torch.no_grad():
        found = cell.eval()(x)
        for image, row in zip(x, found):
            for y in range(3):
                for column in range(4):
                    chosen = [
                        value if logit > 0 else 0 for value, logit in zip(image[:, y, column], cell.channel_logits)
                    ]
                    chosen = torch.tensor(chosen)
                    kept = cell.pixel.weight[0, :, 0, 0] @ chosen + cell.pixel.bias[0] > 0
                    torch.testing.assert_close(row[:, y, column], chosen * kept)
    assert (found == 0).any() and (found != 0).any()


def test_a_feature_is_drawn_as_often_as_the_sigmoid_of_its_logit_says():
    torch.manual_seed(0)
    cell = FeatureSelection(20000, first_logit=1.0).train()
    gate = cell._gate(cell.channel_logits)
    assert set(gate.round(decimals=5).unique().tolist()) == {0.0, 1.0}  # the difference of equal numbers rounds
    assert gate.mean().item() == pytest.approx(torch.tensor(1.0).sigmoid().item(), abs=0.02)


def test_the_gradient_is_that_of_the_sigmoid(cell):
    cell.train()
    torch.manual_seed(1)
    cell._gate(cell.channel_logits).sum().backward()
    torch.manual_seed(1)
    noise = torch.rand(6).clamp(1e-6, 1 - 1e-6).logit()
    soft = (cell.channel_logits.detach() + noise).sigmoid()
    torch.testing.assert_close(cell.channel_logits.grad, soft * (1 - soft))


def test_all_features_start_selected():
    x = torch.randn(2, 6, 3, 4)
    assert torch.equal(FeatureSelection(6).eval()(x), x)


def test_a_backbone_that_is_initialised_leaves_all_pixels_at_the_first_logit():
    """MMPretrain's ResNet initialises every convolution below it, those of plugins too."""
    plugins = dict(layer2=dict(type=FeatureSelection))
    backbone = TwoStreamResNet(depth=18, base_channels=8, plugins=plugins)
    backbone.init_weights()
    pixel = backbone.layer2.plugin.pixel
    assert not pixel.weight.any() and pixel.bias.item() == 3
