"""A training step of HAT against one that is written out, on torchvision's ResNet."""

from copy import deepcopy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.optim import build_optim_wrapper
from torchvision.models import resnet18

from haresreid.config.config import load_config
from haresreid.registry import MODELS

CONFIG = Path(__file__).parents[3] / 'configs/baselines/hat_sysu_paper.py'
CHANGES = {
    'model.backbone.depth': 18,
    'model.backbone.pretrained': None,
    'model.head.in_channels': 512,
    'model.head.num_classes': 6,
    'train_dataloader.dataset': None,
}


def written_out(resnet, stem, head, visible, infrared, labels):
    """The loss: visible and grey images pass the ResNet's own stem, infrared ones ``stem``."""
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)))
    pixels = visible * std + mean
    luminance = 0.299 * pixels[:, 0] + 0.587 * pixels[:, 1] + 0.114 * pixels[:, 2]  # (V, H, W)
    grey = (torch.stack([luminance] * 3, dim=1) - mean) / std
    maps = torch.cat(
        [resnet.bn1(resnet.conv1(torch.cat((visible, grey)))), stem['bn1'](stem['conv1'](infrared))]
    ).relu()
    maps = resnet.layer4(resnet.layer3(resnet.layer2(resnet.layer1(resnet.maxpool(maps)))))
    pooled = maps.mean((2, 3))
    logits = head.classifier(head.bnneck(pooled))
    v, g, t = pooled.chunk(3)
    loss = F.cross_entropy(logits, labels.repeat(3))
    for anchors, others, rest in ((v, t, g), (t, g, v), (g, v, t)):
        for anchor, label in zip(anchors, labels):
            near, far = ((anchor - group).norm(dim=1) for group in (others, rest))
            near, far = near[labels == label], far[labels != label]
            scores = (near - near.max()).exp(), (-far).exp()
            weighted = [(s * d).sum() / (s.sum() + 1e-6) for s, d in zip(scores, (near, far))]
            loss = loss + torch.log(1 + torch.exp(weighted[0] - weighted[1])) / (3 * len(labels))
    for feature in (pooled, logits):
        loss = loss + F.smooth_l1_loss(*feature.chunk(3)[:2])
    return loss


def test_a_step_is_the_step_that_is_written_out(images, samples):
    cfg = load_config(str(CONFIG), CHANGES)
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).double().train()
    torch.nn.init.normal_(model.backbone.infrared['conv1'].weight, std=0.1)
    torch.nn.init.normal_(model.head.classifier.weight, std=0.1)
    resnet, stem, head = resnet18().double(), deepcopy(model.backbone.infrared), deepcopy(model.head)
    for layer in (resnet.layer4[0].conv1, resnet.layer4[0].downsample[0]):
        layer.stride = (1, 1)
    resnet.fc = None
    shared = {name: value for name, value in model.backbone.state_dict().items() if not name.startswith('infrared.')}
    resnet.load_state_dict(shared)

    images = images.double()
    log = model.train_step(
        dict(inputs=list(images), data_samples=samples), build_optim_wrapper(model, cfg.optim_wrapper)
    )
    loss = written_out(resnet, stem, head, images[:4], images[4:], torch.tensor([1, 1, 4, 4]))
    loss.backward()
    groups = [dict(params=list(part.parameters()), lr=lr) for part, lr in ((resnet, 0.01), (stem, 0.01))]
    groups.append(dict(params=[head.bnneck.weight, head.classifier.weight], lr=0.1))
    torch.optim.SGD(groups, momentum=0.9, weight_decay=5e-4, nesterov=True).step()

    assert log['loss'].item() == pytest.approx(loss.item(), rel=1e-7)  # the luminance's constants are float32
    assert all(log[f'loss_{name}'] > 0 for name in ('id', 'ranking', 'invariance'))
    expected = {f'backbone.{name}': value for name, value in resnet.state_dict().items()}
    expected |= {f'backbone.infrared.{name}': value for name, value in stem.state_dict().items()}
    expected |= {f'head.{name}': value for name, value in head.state_dict().items()}
    ours = model.state_dict()
    assert ours.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.allclose(ours[name].double(), value.double(), rtol=0, atol=1e-6), name
