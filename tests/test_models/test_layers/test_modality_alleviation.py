import pytest
import torch

from haresreid.models import ModalityAlleviation


def test_equals_the_formula_image_by_image_in_training_and_in_evaluation():
    torch.manual_seed(0)
    module = ModalityAlleviation(32).double()
    x = 3 * torch.randn(4, 32, 5, 3, dtype=torch.float64) + torch.arange(32.0).view(32, 1, 1)
    inner, outer = (weight.flatten(1) for weight in module.parameters())
    assert inner.shape == (2, 32) and outer.shape == (32, 2)  # without biases
    expected = []
    for image in x:
        gate = torch.sigmoid(outer @ torch.relu(inner @ image.mean((1, 2)))).view(32, 1, 1)
        mean, variance = image.mean((1, 2), keepdim=True), image.var((1, 2), keepdim=True, unbiased=False)
        expected.append(gate * image + (1 - gate) * (image - mean) / (variance + 1e-5).sqrt())
    for training in (True, False):
        torch.testing.assert_close(module.train(training)(x), torch.stack(expected), rtol=0, atol=1e-12)


@pytest.mark.parametrize('training', [True, False])
def test_a_map_of_one_position_is_refused(training):
    with pytest.raises(ValueError, match='1 x 1 is only one: choose larger images'):
        ModalityAlleviation(32).train(training)(torch.ones(2, 32, 1, 1))
