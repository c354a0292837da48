import pytest
import torch
import torch.nn.functional as F

from haresreid.models import DomainAdversarialHead, DomainBranchResNet, FeatureOrthogonalityLoss, ModalityLoss
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.tensor([0, 1, 0, 1]), torch.tensor([0, 1, 1, 0]))


def test_one_step_lets_the_domain_tell_the_modality_and_the_identity_hide_it():
    torch.manual_seed(0)
    head = DomainAdversarialHead(8, num_classes=2)
    domain, identity = (torch.randn(4, 8, 2, 1, requires_grad=True) for _ in range(2))
    loss = ModalityLoss()
    head((domain, identity), BATCH)

    def values(maps):
        features = head(maps, BATCH)
        return [loss(features[f'{name}_logits'], BATCH) for name in ('domain', 'adversary')]

    before = values((domain, identity))
    sum(before).backward()
    with torch.no_grad():
        after = values([each - 0.1 * each.grad for each in (domain, identity)])
    assert after[0] < before[0] and after[1] > before[1]
    by_hand = F.cross_entropy(head.modality_classifier(identity.mean((2, 3))), BATCH.modalities)
    assert before[1].item() == pytest.approx(by_hand.item())


def test_the_domain_has_no_part_outside_training():
    torch.manual_seed(0)
    net = DomainBranchResNet(depth=18, base_channels=8)
    net.init_weights()
    images = torch.randn(4, 3, 64, 32)
    domain, identity = net(images, BATCH)[0]
    assert torch.equal(domain, identity)  # from the same weights
    with torch.no_grad():
        for weight in net.domain.parameters():
            weight.add_(0.1)
    assert not torch.equal(*net(images, BATCH)[0])
    net.eval()
    (alone,), _ = net(images, BATCH)
    features = DomainAdversarialHead(64, num_classes=2).eval()((alone,), BATCH)
    assert set(features) == {'embed', 'bn_embed', 'logits'}
    with pytest.raises(ValueError, match='num_specific <= 4'):
        DomainBranchResNet(depth=18, num_specific=5)


def test_orthogonal_features_cost_nothing():
    loss = FeatureOrthogonalityLoss()
    feats = torch.tensor([[2.0, 0.0], [1.0, 1.0]])
    other = torch.tensor([[0.0, 3.0], [-1.0, -1.0]])
    assert loss(BATCH, feats, other).item() == pytest.approx(0.5)
    assert loss(BATCH, feats[:1], other[:1]).item() == 0
