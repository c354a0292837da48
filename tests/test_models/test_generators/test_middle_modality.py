import pytest
import torch

from haresreid.models import MiddleModalityGenerator
from haresreid.structures import ReIDBatch


def test_a_new_generator_makes_images_by_hand(images, batch):
    generator = MiddleModalityGenerator()
    grown, rows = generator(images, batch)
    assert torch.equal(grown[:8], images) and rows.items.tolist() == [*range(8)] * 2
    assert rows.modalities.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
    for kind in (slice(4), slice(4, 8)):  # an encoder's batch norm sees its own modality
        code = 0.333 * (0.333 * images[kind].sum(1, keepdim=True)).relu()
        code = (code - code.mean()) / (code.var(unbiased=False) + 1e-5).sqrt()
        expected = (0.333 * code).relu().expand(-1, 3, -1, -1)
        torch.testing.assert_close(grown[8:][kind], expected, rtol=0, atol=1e-5)
    assert all(parameter.requires_grad for parameter in generator.parameters())


def test_rows_keep_their_order_and_pass_their_own_encoder(images, batch):
    generator = MiddleModalityGenerator().eval()
    torch.nn.init.constant_(generator.infrared[0].weight, 0.5)
    order = torch.randperm(8, generator=torch.Generator().manual_seed(0))
    straight, shuffled = generator(images, batch)[0], generator(images[order], batch.take(order))[0]
    torch.testing.assert_close(shuffled[8:], straight[8:][order])
    as_visible = generator(images, ReIDBatch.unlabelled(torch.zeros(8, dtype=torch.long)))[0]
    assert [torch.equal(*pair) for pair in zip(as_visible[8:], straight[8:])] == [True] * 4 + [False] * 4


def test_an_unknown_modality_is_refused(images):
    with pytest.raises(ValueError, match='some of the rows are neither visible nor infrared: give the modality'):
        MiddleModalityGenerator()(images, ReIDBatch.unlabelled(torch.full((8,), -1)))
