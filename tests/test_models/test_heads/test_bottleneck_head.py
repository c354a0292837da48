import torch
from torch import nn

from haresreid.models import BottleneckHead
from haresreid.registry import MODELS


def build(**changes) -> BottleneckHead:
    torch.manual_seed(0)
    return MODELS.build(dict(type=BottleneckHead, in_channels=6, num_classes=3, channels=4) | changes)


def test_named_features_are_those_of_plain_layers():
    head, maps = build().eval(), torch.randn(5, 6, 3, 2)
    nn.init.normal_(head.classifier.bias)
    _, narrow, norm, _ = head.bottleneck
    norm.running_mean.normal_()
    pooled = maps.sum((2, 3)) / 6
    hidden = narrow.weight @ pooled.T + narrow.bias[:, None]  # (4, 5)
    hidden = (hidden.T - norm.running_mean) / (norm.running_var + 1e-5).sqrt() * norm.weight + norm.bias
    hidden = torch.where(hidden > 0, hidden, 0.1 * hidden)
    expected = dict(
        embed=pooled,
        embedding=pooled @ head.embedding.weight.T + head.embedding.bias,
        logits=hidden @ head.classifier.weight.T + head.classifier.bias,
    )
    torch.testing.assert_close(head((maps,), None), expected)


def test_dropout_is_seen_by_the_classifier_alone():
    head, maps = build(dropout=0.5).train(), torch.randn(5, 6, 3, 2)
    first, second = head((maps,), None), head((maps,), None)
    assert torch.equal(first['embedding'], second['embedding'])
    assert not torch.equal(first['logits'], second['logits'])


def test_without_a_classifier_only_the_pooled_map_is_left():
    head = build(num_classes=None)
    assert list(head((torch.randn(5, 6, 3, 2),), None)) == ['embed'] and not list(head.parameters())
    assert head.retrieval_feature == 'embed'
