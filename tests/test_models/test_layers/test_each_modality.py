import torch

from haresreid.models.layers import each_modality
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.arange(5), torch.tensor([1, 0, 0, 1, 0]))


def test_rows_of_a_modality_pass_together_and_come_back_in_order():
    images, codes = torch.arange(5.0).unsqueeze(1), 10 * torch.arange(5.0)
    calls = []

    def centred(own, code, rows):
        calls.append((rows.modalities.tolist(), rows.labels.tolist()))
        return dict(image=own - own.mean(), parts=[code])

    result = each_modality(centred, BATCH, images, codes)
    assert calls == [([0, 0, 0], [1, 2, 4]), ([1, 1], [0, 3])]
    expected = torch.tensor([-1.5, 1 - 7 / 3, 2 - 7 / 3, 1.5, 4 - 7 / 3])
    torch.testing.assert_close(result['image'].squeeze(1), expected)
    assert torch.equal(result['parts'][0], codes)


def test_a_modality_may_be_missing():
    only = BATCH.take(torch.tensor([0, 3]))
    assert torch.equal(each_modality(lambda own, rows: own + 1, only, torch.zeros(2, 3)), torch.ones(2, 3))
