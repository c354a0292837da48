import pytest
import torch

from haresreid.structures import Modality, ReIDBatch, ReIDDataSample


@pytest.fixture
def batch():
    rows = [(4, 0, 1), (7, 1, 3), (4, 1, 6), (7, 0, 2)]
    return ReIDBatch.of(
        [ReIDDataSample(metainfo=dict(gt_label=label, modality=kind, camid=cam)) for label, kind, cam in rows]
    )


def lists(batch):
    return [field.tolist() for field in batch]


def test_what_samples_state(batch):
    assert lists(batch) == [[4, 7, 4, 7], [0, 1, 1, 0], [1, 3, 6, 2], [0, 1, 2, 3]]


def test_what_they_do_not_state_is_unknown():
    assert lists(ReIDBatch.of([ReIDDataSample()] * 2)) == [[-1, -1]] * 3 + [[0, 1]]
    assert lists(ReIDBatch.unlabelled(torch.tensor([1, 0]))) == [[-1, -1], [1, 0], [-1, -1], [0, 1]]
    assert lists(ReIDBatch.labelled(torch.tensor([5, 6]))) == [[5, 6], [-1, -1], [-1, -1], [0, 1]]


def test_modalities_and_cameras_stay_on_the_host():
    batch = ReIDBatch.of([ReIDDataSample(metainfo=dict(modality=Modality.INFRARED))], 'meta')
    assert [field.device.type for field in batch] == ['meta', 'cpu', 'cpu', 'meta']
    unlabelled = ReIDBatch.unlabelled(torch.tensor([1, 0]), 'meta')
    assert [field.device.type for field in unlabelled] == ['meta', 'cpu', 'cpu', 'meta']
    assert batch.rows_of(Modality.INFRARED).tolist() == [0]


def test_rows_are_taken_with_all_that_is_known_of_them(batch):
    assert lists(batch.take(torch.tensor([2, 0, 2]))) == [[4, 4, 4], [1, 0, 1], [6, 1, 6], [2, 0, 2]]


def test_copies_share_the_item_of_their_row(batch):
    first = batch.take(torch.tensor([0, 1]))
    assert lists(first.repeat(2)) == [[4, 7, 4, 7], [0, 1, 0, 1], [1, 3, 1, 3], [0, 1, 0, 1]]
    middle = first.repeat(2, modality=2)
    assert middle.modalities.tolist() == [0, 1, 2, 2] and middle.items.tolist() == [0, 1, 0, 1]
    assert first.repeat(3, step=2).modalities.tolist() == [0, 1, 2, 3, 4, 5]
    assert first.modalities.tolist() == [0, 1]


def test_rows_of_modalities(batch):
    assert batch.rows_of(Modality.VISIBLE).tolist() == [0, 3]
    assert batch.rows_of(Modality.VISIBLE, Modality.INFRARED).tolist() == [0, 1, 2, 3]
    assert batch.rows_of(2).tolist() == []
    assert batch.is_of(Modality.INFRARED, 2).tolist() == [False, True, True, False]
