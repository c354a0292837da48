import pytest
import torch

from haresreid.models import XModalityGenerator
from haresreid.structures import ReIDBatch


@pytest.fixture
def generator():
    torch.manual_seed(0)
    generator = XModalityGenerator()
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter)
    return generator


def rows():
    """Five images in no order, the second and the fourth visible."""
    labels, modalities = torch.tensor([3, 7, 7, 9, 9]), torch.tensor([1, 0, 1, 0, 1])
    return torch.randn(5, 3, 4, 2, generator=torch.Generator().manual_seed(1)), ReIDBatch.labelled(labels, modalities)


def test_x_images_equal_a_loop_over_pixels(generator):
    images, batch = rows()
    output, x_batch = generator(images, batch)
    assert output.shape == (7, 3, 4, 2) and torch.equal(output[:5], images)
    (to_one, of_one), (to_three, of_three) = ((layer.weight, layer.bias) for layer in generator.children())
    for x_image, image in zip(output[5:], images[[1, 3]]):
        for i in range(4):
            for j in range(2):
                number = (to_one[0] * image[:, i, j]).sum() + of_one[0]
                assert torch.allclose(x_image[:, i, j], to_three[:, 0] * max(number, 0) + of_three, atol=1e-6)
    assert x_batch.modalities.tolist() == [1, 0, 1, 0, 1, 2, 2] and x_batch.labels.tolist() == [3, 7, 7, 9, 9, 7, 9]
    assert x_batch.items.tolist() == [0, 1, 2, 3, 4, 1, 3]
    assert batch.modalities.tolist() == [1, 0, 1, 0, 1]  # its own rows are left as they were


def test_at_first_an_x_image_is_nearly_a_third_of_the_sum_where_that_is_positive():
    images, batch = rows()
    x_images = XModalityGenerator()(images, batch)[0][5:]
    expected = 0.333 * (0.333 * images[[1, 3]].sum(1, keepdim=True)).clamp(min=0)
    assert torch.allclose(x_images, expected.expand(-1, 3, -1, -1), atol=1e-6)


def test_at_test_time_images_pass(generator):
    images, batch = rows()
    output, same = generator.eval()(images, batch)
    assert output is images and same is batch
