"""A training step of DEEN, narrow, against one written out from the facts."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from haresreid.config.config import load_config
from haresreid.models import VIReID
from haresreid.registry import MODELS

from ..steps import check_step

CONFIG = Path(__file__).parents[3] / 'configs/_base_/models/deen.py'


def build(expand_after: int = 3) -> VIReID:
    cfg = load_config(str(CONFIG)).model
    cfg.backbone.update(depth=18, base_channels=8, pretrained=None, dropout=0.0, expand_after=expand_after)
    cfg.head.update(num_classes=6, in_channels=8 * 2**expand_after)
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.init_weights()
    for aggregation in model.backbone.aggregations:  # they start as the identity
        for block in (aggregation.channels, aggregation.positions):
            torch.nn.init.normal_(block.out[1].weight, std=0.1)
    return model.double().train()


def aggregated(block, high, low):
    channels, positions = block.channels, block.positions
    theta, phi, g = channels.theta(high).flatten(2), channels.phi(low).flatten(2), channels.g(low).flatten(2)
    y = theta @ phi.transpose(1, 2) / low.size(1) @ g
    high = high + channels.out(y.view(low.shape))
    count, inner = low.size(1), low.size(1) // 2
    theta, phi, g = (
        conv(x).reshape(len(x), count, -1)
        for conv, x in ((positions.theta, high), (positions.phi, low), (positions.g, low))
    )
    y = theta.transpose(1, 2) @ phi / phi.size(2) @ g.transpose(1, 2)
    return high + positions.out(y.transpose(1, 2).reshape(len(low), inner, *high.shape[2:]))


def pair_mining(groups, labels):
    """CPM of (v1, i1, vk, ik), for one k."""
    v1, i1, vk, ik = (torch.stack([group[labels == pid].mean(0) for pid in (1, 4)]) for group in groups)
    total = 0
    for first, base, expanded in ((i1, v1, vk), (v1, i1, ik)):
        across = (first - expanded).norm(dim=1)
        total += (across - (base - expanded).norm(dim=1).detach() + 0.2).clamp(min=0).mean() / 2
        for group in (expanded, base):  # two people: the other is the nearest
            total += (across - (group[0] - group[1]).norm() + 0.2).clamp(min=0).mean() / 4
    return total


def written_out(model, images, labels):
    """The loss from the facts; images are four visible ones, then four infrared ones, and so are the labels."""
    net, head = model.backbone, model.head
    x = torch.cat([stem.bn1(stem.conv1(part)) for stem, part in zip((net, net.infrared), images.split(4))])
    x = F.max_pool2d(F.relu(x), 3, 2, 1)
    for layer, block in zip((net.layer1, net.layer2, net.layer3), net.aggregations):
        x = aggregated(block, layer(x), x)
    branches = [x]
    for branch in net.expansion.branches:
        dilated = sum(conv(x) for conv in branch.dilated) / 3
        branches.append(branch.out(F.relu(dilated)))
    pooled = net.layer4(torch.cat(branches)).mean((2, 3))
    ids = labels.repeat(3)
    identity = F.cross_entropy(head.classifier(head.bnneck(pooled)), ids)
    distance = torch.cdist(pooled, pooled, compute_mode='donot_use_mm_for_euclid_dist')
    same = ids[:, None] == ids
    triplet = (0.3 + distance.where(same, 0).amax(1) - distance.where(~same, torch.inf).amin(1)).clamp(min=0).mean()
    v1, i1, v2, i2, v3, i3 = pooled.split(4)
    mining = sum(pair_mining((v1, i1, *pair), labels[:4]) for pair in ((v2, i2), (v3, i3)))
    orthogonal = (pooled[8:16] * pooled[16:]).sum() / 24
    return identity + triplet + 0.8 * mining + 0.01 * orthogonal


def test_a_step_equals_the_one_written_out(images, samples):
    model = build()
    images, labels = images.double(), torch.tensor([sample.gt_label for sample in samples])
    assert labels.tolist() == [1, 1, 4, 4] * 2
    check_step(model, images, samples, lambda model: written_out(model, images, labels), statistics=True)


def test_the_shorter_network_has_no_last_stage_and_trains_all_that_it_has(images, samples):
    model = build(expand_after=2)
    assert not any('layer4' in name for name in model.state_dict())
    sum(value for name, value in model(images.double(), samples, mode='loss').items() if 'loss' in name).backward()
    assert all(weight.grad is not None for weight in model.parameters() if weight.requires_grad)


def test_a_new_networks_aggregations_are_the_identity():
    cfg = load_config(str(CONFIG)).model
    cfg.backbone.update(depth=18, base_channels=8, pretrained=None)
    cfg.head.update(in_channels=64, num_classes=6)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.init_weights()
    for aggregation in model.backbone.aggregations:
        for block in (aggregation.channels, aggregation.positions):
            assert (block.out[1].weight == 0).all() and (block.out[1].bias == 0).all()
    branch = model.backbone.expansion.branches[0]
    assert branch.dilated[0].weight.std().item() == pytest.approx((2 / (9 * 32)) ** 0.5, rel=0.1)
