import pytest
import torch

from haresreid.models.layers import partners_of
from haresreid.structures import ReIDBatch


def test_the_kth_images_of_a_person_are_partners():
    labels, modalities = torch.tensor([7, 3, 7, 7, 3, 7]), torch.tensor([0, 1, 1, 0, 0, 1])
    assert partners_of(ReIDBatch.labelled(labels, modalities)).tolist() == [2, 4, 0, 5, 1, 3]


@pytest.mark.parametrize('labels', [[0, 1, 0, 0], [0, 0, 0, 1]])
def test_an_image_without_a_partner_is_refused(labels):
    batch = ReIDBatch.labelled(torch.tensor(labels), torch.tensor([0, 0, 1, 1]))
    with pytest.raises(ValueError, match='more images in one modality than in the other'):
        partners_of(batch)
