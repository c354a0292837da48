import pytest
import torch

from haresreid.models import PartGraphHead
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.arange(2))


@pytest.fixture
def head():
    torch.manual_seed(0)
    return PartGraphHead(16, num_classes=3, num_parts=3).eval()


def test_nodes_are_the_image_and_its_stripes_with_messages_from_all(head):
    x = torch.randn(2, 16, 6, 4)
    torch.nn.init.constant_(head.gate, 0.7)
    features = head((x,), BATCH)
    for image, found in zip(x, features['nodes']):
        parts = [image, *image.split(2, dim=1)]
        nodes = torch.stack([part.mean((1, 2)) for part in parts])
        for row, node in enumerate(nodes):
            scores = torch.stack([head.query(node) @ head.key(other) / 2**0.5 for other in nodes])
            message = sum(weight * other for weight, other in zip(scores.softmax(0), nodes))
            torch.testing.assert_close(found[row], node + 0.7 * message)
    assert torch.equal(features['embed'], features['nodes'][:, 0])


def test_it_starts_as_plain_pooling(head):
    x = torch.randn(2, 16, 6, 4)
    torch.testing.assert_close(head((x,), BATCH)['embed'], x.mean((2, 3)))


def test_a_map_without_a_row_for_each_stripe_is_refused(head):
    with pytest.raises(ValueError, match='A map of 2 rows cannot be cut into 3 stripes'):
        head((torch.ones(2, 16, 2, 4),), BATCH)
    with pytest.raises(ValueError, match='num_parts must be 1 or more, not 0'):
        PartGraphHead(16, num_parts=0)
