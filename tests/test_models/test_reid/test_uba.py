"""A training step of the unified batch-all triplet against one that is written out, on torchvision's ResNet."""

from copy import deepcopy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.optim import build_optim_wrapper
from torchvision.models import resnet18

from haresreid.config.config import load_config
from haresreid.registry import MODELS

CONFIG = Path(__file__).parents[3] / 'configs/baselines/uba_sysu_paper.py'
CHANGES = {
    'model.backbone.depth': 18,
    'model.backbone.pretrained': None,
    'model.head.in_channels': 512,
    'model.head.num_classes': 6,
    'train_dataloader.dataset': None,
}


def all_triplets(feats, labels):
    loss = 0
    for i in range(len(feats)):
        cosines = F.cosine_similarity(feats, feats[i : i + 1])
        triplets = [
            torch.exp(16 * (cosines[n] - cosines[p] + 0.3))
            for p in range(len(feats))
            for n in range(len(feats))
            if p != i and labels[p] == labels[i] != labels[n]
        ]
        loss = loss + torch.log(1 + sum(triplets)) / len(feats)
    return loss


def test_a_step_is_the_step_that_is_written_out(images, samples):
    cfg = load_config(str(CONFIG), CHANGES)
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).double().train()
    resnet, bnneck, weights = resnet18().double(), deepcopy(model.head.bnneck), model.head.classifier.weight
    weights = torch.nn.Parameter(weights.detach().clone())
    for layer in (resnet.layer4[0].conv1, resnet.layer4[0].downsample[0]):
        layer.stride = (1, 1)
    resnet.avgpool, resnet.fc = torch.nn.AdaptiveAvgPool2d(1), torch.nn.Identity()
    resnet.load_state_dict(model.backbone.state_dict())

    images = images.double()
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    log = model.train_step(dict(inputs=list(images), data_samples=samples), wrapper)
    pooled, labels = resnet(images), torch.tensor([1, 1, 4, 4] * 2)
    logits = 16 * F.normalize(bnneck(pooled)) @ F.normalize(weights).T
    loss = F.cross_entropy(logits, labels) + all_triplets(pooled, labels)
    loss = loss + all_triplets(pooled.view(4, 2, -1).mean(1), torch.tensor([1, 4, 1, 4]))
    loss.backward()
    groups = [dict(params=list(resnet.parameters()), lr=0.01), dict(params=[bnneck.weight, weights], lr=0.1)]
    torch.optim.SGD(groups, momentum=0.9, weight_decay=5e-4, nesterov=True).step()

    assert log['loss'].item() == pytest.approx(loss.item(), rel=1e-9)
    expected = {f'backbone.{name}': value for name, value in resnet.state_dict().items()}
    expected |= {f'head.bnneck.{name}': value for name, value in bnneck.state_dict().items()}
    expected['head.classifier.weight'] = weights
    ours = model.state_dict()
    assert ours.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.allclose(ours[name].double(), value.double(), rtol=0, atol=1e-9), name
