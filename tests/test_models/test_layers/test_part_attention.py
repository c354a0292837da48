import pytest
import torch

from haresreid.models import PartAttention


@pytest.fixture
def attention():
    torch.manual_seed(0)
    layer = PartAttention(8, num_parts=3).double().eval()
    layer.gate.data = torch.tensor([0.5, -1.0, 2.0]).double()
    return layer


@pytest.mark.parametrize('height', [6, 7])  # seven rows have three parts that overlap
def test_equals_loops_over_images_and_parts(attention, height):
    x, feat = torch.randn(4, 8, height, 2, dtype=torch.float64), torch.randn(4, 8, dtype=torch.float64)
    rows = {6: [(0, 2), (2, 4), (4, 6)], 7: [(0, 3), (2, 5), (4, 7)]}[height]
    expected = feat.clone()
    for image in range(4):
        parts = [x[image, :, begin:end].mean((1, 2)) for begin, end in rows]
        query, key, value = (
            [conv.weight[:, :, 0, 0] @ part + conv.bias for part in parts]
            for conv in (attention.query, attention.key, attention.value)
        )
        for i, share in enumerate(attention.gate.exp() / attention.gate.exp().sum()):
            scores = torch.stack([query[i] @ key[j] for j in range(3)]).exp()
            expected[image] += share * sum(scores[j] / scores.sum() * value[j] for j in range(3))
    expected = expected * attention.norm.weight / (1 + 1e-5) ** 0.5  # the running statistics are 0 and 1
    torch.testing.assert_close(attention(x, feat), expected, rtol=0, atol=1e-12)


def test_parts_count_alike_at_the_start_and_the_norm_has_no_bias_to_learn():
    layer = PartAttention(64)
    assert layer.gate.softmax(0).tolist() == pytest.approx([1 / 3] * 3)
    assert not layer.norm.bias.requires_grad and (layer.norm.bias == 0).all()
    assert 0 < layer.norm.weight.std() < 0.02


def test_a_map_with_fewer_rows_than_parts_is_refused(attention):
    with pytest.raises(ValueError, match='A map of 2 rows cannot be cut into 3 parts'):
        attention(torch.ones(4, 8, 2, 2, dtype=torch.float64), torch.ones(4, 8, dtype=torch.float64))
