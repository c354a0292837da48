import pytest
import torch
import torch.nn.functional as F

from haresreid.models import DisentangledFeatures, PrototypeStyleHead
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

# person 2 in visible rows 0 and 3 and infrared rows 1 and 2, person 5 in visible row 4 and infrared row 5
BATCH = ReIDBatch.labelled(torch.tensor([2, 2, 2, 2, 5, 5]), torch.tensor([0, 1, 1, 0, 0, 1]))
PARTNERS = [1, 0, 3, 2, 5, 4]


def build(**changes) -> PrototypeStyleHead:
    torch.manual_seed(0)
    return MODELS.build(dict(type=PrototypeStyleHead, in_channels=8, num_classes=6, dropout=0.0) | changes).double()


def make_features() -> DisentangledFeatures:
    return DisentangledFeatures(torch.randn(6, 4, 3, 2).double(), torch.rand(6, 4).double())


def joined(head, prototype, style):
    """One row after the other, and the batch norm written out."""
    rows = []
    for own, code in zip(prototype.sum((2, 3)) / 6, style):
        w = head.proportion
        row = torch.cat((w * own / own.norm(), (1 - w) * code / code.norm()))
        rows.append(head.bottleneck[0].weight @ row + head.bottleneck[0].bias)
    rows = torch.stack(rows)
    mean, var = rows.mean(0), rows.var(0, unbiased=False)
    return (rows - mean) / (var + 1e-5).sqrt() * head.bottleneck[1].weight + head.bottleneck[1].bias


def test_features_are_those_of_plain_layers_and_the_partners_style_recombines():
    head, feats = build().train(), make_features()
    with torch.no_grad():
        head.proportion.fill_(0.3)
    features = head(feats, BATCH)
    own, other = joined(head, *feats), joined(head, feats.prototype, feats.style[PARTNERS])
    expected = dict(
        embed=own, embedding=head.embedding(own), logits=head.classifier(own), recombined=head.classifier(other)
    )
    torch.testing.assert_close(features, expected)


def test_the_proportion_and_both_parts_are_trained():
    head, feats = build().train(), make_features()
    feats.prototype.requires_grad_(), feats.style.requires_grad_()
    F.cross_entropy(head(feats, BATCH)['recombined'], BATCH.labels).backward()
    assert all(value.grad.abs().sum() > 0 for value in (head.proportion, feats.prototype, feats.style))


def test_dropout_spares_the_feature_that_retrieval_ranks_by():
    head, feats = build(dropout=0.5).train(), make_features()
    first, second = head(feats, BATCH), head(feats, BATCH)
    assert torch.equal(first['embed'], second['embed']) and not torch.equal(first['logits'], second['logits'])


def test_outside_training_rows_need_no_partner_and_without_classes_one_feature_is_left():
    head, feats = build().eval(), make_features()
    unknown = ReIDBatch.unlabelled(torch.zeros(6, dtype=torch.long))
    assert set(head(feats, unknown)) == {'embed', 'embedding', 'logits'}
    bare = build(num_classes=None)
    bare.load_state_dict({name: value for name, value in head.state_dict().items() if name in bare.state_dict()})
    assert list(bare.eval()(feats, unknown)) == ['embed'] == [head.retrieval_feature]
    torch.testing.assert_close(bare(feats, unknown)['embed'], head(feats, unknown)['embed'])
    with pytest.raises(ValueError, match='needs an infrared partner of the same person'):
        head.train()(feats, BATCH._replace(labels=torch.arange(6)))
