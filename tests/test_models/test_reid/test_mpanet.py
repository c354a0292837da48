"""MPANet: a whole training step written out."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.optim import OptimWrapper

from haresreid.config.config import load_config
from haresreid.models import VIReID
from haresreid.registry import MODELS

CONFIG = Path(__file__).parents[3] / 'configs/_base_/models/mpanet.py'


def build() -> VIReID:
    """Narrow, in float64, its modality classifiers' means away from the classifiers."""
    cfg = load_config(str(CONFIG)).model
    cfg.backbone.update(depth=18, base_channels=8, pretrained=None)
    cfg.head.update(num_classes=6, in_channels=64)
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.init_weights()
    for mean in (model.head.modality_classifiers.visible_mean, model.head.modality_classifiers.infrared_mean):
        torch.nn.init.normal_(mean, std=0.1)
    return model


def written_out_loss(network: VIReID, images: torch.Tensor, samples: list, means: list) -> torch.Tensor:
    """The loss of the method's description, from the layers' weights; ``means`` are after their step."""
    labels = torch.tensor([sample.gt_label for sample in samples])
    kinds = [sample.modality for sample in samples]
    trunk, head = network.backbone, network.head
    x = trunk.layer2(trunk.layer1(trunk.maxpool(trunk.relu(trunk.bn1(trunk.conv1(images))))))
    for layer in (trunk.layer3, trunk.layer4):
        for block in (layer[0], layer[1]):
            x = block(x)
        inner, outer = (weight.flatten(1) for weight in layer.plugin.parameters())
        gate = torch.sigmoid(torch.relu(x.mean((2, 3)) @ inner.T) @ outer.T)[..., None, None]
        mean, variance = x.mean((2, 3), keepdim=True), x.var((2, 3), keepdim=True, unbiased=False)
        x = x * gate + (x - mean) / (variance + 1e-5).sqrt() * (1 - gate)
    masks = torch.sigmoid(F.conv2d(x, head.masks.weight, head.masks.bias))  # (8, 6, h, w)
    f = torch.cat([(masks[:, i : i + 1] * x).mean((2, 3)) for i in range(6)] + [x.mean((2, 3))], dim=1)
    g = (f - f.mean(0)) / (f.var(0, unbiased=False) + 1e-5).sqrt() * head.bnneck.weight + head.bnneck.bias

    sep = sum((masks[:, i] * masks[:, j]).sum() for i in range(6) for j in range(i + 1, 6)) / (15 * len(images))
    centers = {pid: f[labels == pid].mean(0) for pid in labels.tolist()}
    pull = sum((row - centers[pid]).norm() for row, pid in zip(f, labels.tolist())) / len(f)
    (one, other) = centers.values()
    cc = pull + (0.7 - (one - other).norm()).clamp(min=0)
    weights = [head.modality_classifiers.visible.weight, head.modality_classifiers.infrared.weight]
    ce_of, kl = [0, 0], 0
    for row, kind, pid in zip(g, kinds, labels):
        own = F.log_softmax(weights[kind] @ row, dim=0)
        target = F.log_softmax(means[1 - kind] @ row, dim=0).detach()
        ce_of[kind] = ce_of[kind] - own[pid] / 4  # 4 images of each modality
        kl = kl + (own.exp() * (own - target)).sum() / len(g)
    return F.cross_entropy(g @ head.classifier.weight.T, labels) + sum(ce_of) + 2.5 * kl + cc + 0.5 * sep


def test_a_training_step_equals_one_written_out(images, samples):
    """Loss and weights after one step of Adam, in any order of the rows."""
    order = [5, 0, 3, 6, 1, 7, 2, 4]
    images, samples = images[order].double(), [samples[i] for i in order]
    model, reference = build().double().train(), build().double().train()
    wrapper = OptimWrapper(torch.optim.Adam(model.parameters(), lr=3.5e-4, weight_decay=5e-4))
    log = model.train_step(dict(inputs=list(images), data_samples=samples), wrapper)

    classifiers = reference.head.modality_classifiers
    for mean, classifier in (
        (classifiers.visible_mean, classifiers.visible),
        (classifiers.infrared_mean, classifiers.infrared),
    ):
        mean.copy_(0.8 * mean + 0.2 * classifier.weight.detach())
    loss = written_out_loss(reference, images, samples, [classifiers.visible_mean, classifiers.infrared_mean])
    assert log['loss'].item() == pytest.approx(loss.item(), rel=1e-10)
    trained = {name: weight for name, weight in reference.named_parameters() if weight.requires_grad}
    for name, gradient in zip(trained, torch.autograd.grad(loss, list(trained.values()))):
        gradient = gradient + 5e-4 * trained[name].detach()
        # the first step of Adam moves a weight by its rate, whatever the size of the gradient
        expected = trained[name].detach() - 3.5e-4 * gradient / (gradient.abs() + 1e-8)
        # a gradient of 1e-8 is the sum of terms of 1e+1, so rounding is seen in it
        torch.testing.assert_close(model.get_parameter(name).detach(), expected, rtol=0, atol=1e-8, msg=name)
    state = model.state_dict()
    for name in ('visible_mean', 'infrared_mean'):
        key = f'head.modality_classifiers.{name}'
        torch.testing.assert_close(state[key], reference.state_dict()[key], rtol=0, atol=1e-12)
