import pytest
import torch

from haresreid.models import GlobalAveragePooling, StripeNeck
from haresreid.structures import ReIDBatch


@pytest.mark.parametrize('training, relu', [(True, True), (False, True), (False, False)])
def test_each_stripe_is_pooled_and_embedded_by_its_own_layers(training, relu):
    torch.manual_seed(0)
    pooling = dict(type=GlobalAveragePooling)
    neck = StripeNeck(in_channels=8, num_stripes=3, channels=4, pooling=pooling, relu=relu).train(training)
    x = torch.rand(5, 8, 6, 2)
    batch = ReIDBatch.unlabelled(torch.zeros(5, dtype=torch.long))
    vectors, rows = neck((torch.rand(5, 2, 12, 4), x), batch)
    assert rows is batch
    assert [tuple(vector.shape) for vector in vectors] == [(5, 4)] * 3
    for i, (vector, (conv, norm, _)) in enumerate(zip(vectors, neck.stripes)):
        pooled = x[:, :, 2 * i : 2 * i + 2].mean((2, 3))
        y = pooled @ conv.weight[:, :, 0, 0].T + conv.bias
        if training:
            y = (y - y.mean(0)) / (y.var(0, unbiased=False) + norm.eps).sqrt()
        else:
            y = y / (1 + norm.eps) ** 0.5
        assert torch.allclose(vector, y.clamp(min=0) if relu else y, atol=1e-5)


def test_height_that_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match='A map of 8 rows cannot be cut into 6 equal stripes'):
        StripeNeck(in_channels=8, channels=4)((torch.rand(1, 8, 8, 2),), None)
