"""A training step of MMN, narrow, against one written out from the facts."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from haresreid.config.config import load_config
from haresreid.models import VIReID
from haresreid.registry import MODELS

from ..steps import check_step

CONFIG = Path(__file__).parents[3] / 'configs/_base_/models/mmn.py'


@pytest.fixture
def model() -> VIReID:
    cfg = load_config(str(CONFIG)).model
    cfg.backbone.update(depth=18, base_channels=8, pretrained=None)
    cfg.head.update(num_classes=6, in_channels=64)
    cfg.criterion.losses.dcl.in_channels = 64
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.init_weights()
    return model.double().train()


def written_out(model, images, labels):
    """The loss from the facts; images are four visible ones, then four infrared ones, and so are the labels."""
    generator, net, head = model.generator, model.backbone, model.head
    visible, infrared = images[:4], images[4:]
    codes = [generator.visible(visible), generator.infrared(infrared)]
    middle = F.relu(generator.decoder[0](torch.cat(codes)))
    x = [
        stem.bn1(stem.conv1(torch.cat(pair)))
        for stem, pair in ((net, (visible, middle[:4])), (net.infrared, (infrared, middle[4:])))
    ]
    x = F.max_pool2d(F.relu(torch.cat(x)), 3, 2, 1)  # v, v middle, i, i middle
    x = net.layer4(net.layer3(net.layer2(net.layer1(x))))
    groups = dict(zip('vmij', (slice(4 * k, 4 * k + 4) for k in range(4))))
    terms = []
    for rows, bnneck, classifier in zip(((0, 2), (2, 4), (4, 5), (5, 6)), head.bnnecks, head.classifiers):
        pooled = x[:, :, slice(*rows)].mean((2, 3))
        identity = F.cross_entropy(classifier(bnneck(pooled)), labels[:4].repeat(4))
        triplets = []
        for pair in ('vi', 'vj', 'mi', 'mj'):
            feats, ids = torch.cat([pooled[groups[name]] for name in pair]), labels[:4].repeat(2)
            distance = torch.cdist(feats, feats, compute_mode='donot_use_mm_for_euclid_dist')
            same = ids[:, None] == ids
            hardest = distance.where(same, 0).amax(1) - distance.where(~same, torch.inf).amin(1)
            triplets.append((0.3 + hardest).clamp(min=0).mean())
        projected = F.normalize(
            model.criterion.losses.dcl.projector(F.normalize(torch.cat((pooled[groups['m']], pooled[groups['j']]))))
        )
        consistency = (projected[:4] - projected[4:]).norm(dim=1).mean()
        terms.append(identity + sum(triplets) / 4 + 0.2 * consistency)
    return sum(terms) / 4


def test_a_step_equals_the_one_written_out(model, images, samples):
    images, labels = images.double(), torch.tensor([sample.gt_label for sample in samples])
    assert labels[:4].tolist() == labels[4:].tolist()
    check_step(model, images, samples, lambda model: written_out(model, images, labels), lr=0.1, statistics=True)


def test_image_and_middle_image_are_one_feature(model, images, samples):
    images = images.double()
    model.eval()
    with torch.no_grad():
        predicted = [sample.pred_feature for sample in model(images, samples, mode='predict')]
        both = F.normalize(model(images, samples)['bn_embed'].float())
        for join, joined in (('sum', both[:8] + both[8:]), ('concat', torch.cat((both[:8], both[8:]), dim=1))):
            model.join_copies = join
            found = model.retrieval(model(images, samples), images)
            torch.testing.assert_close(found, F.normalize(joined))
            if join == 'sum':
                torch.testing.assert_close(torch.stack(predicted), found)
    model.join_copies = None
    with pytest.raises(ValueError, match='makes 16 rows of 8 images, .* or set join_copies'):
        model(images, samples, mode='predict')
