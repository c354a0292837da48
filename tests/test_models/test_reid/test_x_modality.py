"""A training step of X-modality against one that is written out, on torchvision's ResNet."""

from copy import deepcopy
from pathlib import Path

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from torchvision.models import resnet18

from haresreid.config.config import load_config
from haresreid.models import VIReID
from haresreid.registry import MODELS

CONFIG = Path(__file__).parents[3] / 'configs/baselines/x_modality_sysu_paper.py'


@pytest.fixture
def cfg():
    return load_config(
        str(CONFIG),
        {
            'model.backbone.depth': 18,
            'model.backbone.pretrained': None,
            'model.head.in_channels': 512,
            'train_dataloader.dataset': None,
            'model.head.num_classes': 6,
        },
    )


def build(cfg) -> VIReID:
    """The model on a ResNet-18 in float64; a generator and a classifier that matter from the first step."""
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).double().train()
    for layer in (model.generator.encoder, model.generator.decoder, model.head.classifier):
        torch.nn.init.normal_(layer.weight, std=0.5)
    return model


class WrittenOut(torch.nn.Module):
    """X-modality as its paper and its released code describe it, with the weights of ours."""

    def __init__(self, model: VIReID) -> None:
        super().__init__()
        self.resnet = resnet18()
        for layer in (self.resnet.layer4[0].conv1, self.resnet.layer4[0].downsample[0]):
            layer.stride = (1, 1)
        self.resnet.fc = None
        self.resnet.load_state_dict(model.backbone.state_dict())
        self.bnneck, self.classifier = deepcopy(model.head.bnneck), deepcopy(model.head.classifier)
        weights = model.generator.state_dict()
        self.generator = torch.nn.ParameterDict(
            {name.replace('.', '_'): value.clone() for name, value in weights.items()}
        )
        self.double()

    def loss(self, visible: torch.Tensor, infrared: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Images (B, 3, H, W) of either modality, both of the identities ``labels``."""
        weights = self.generator
        code = torch.einsum('oc,bchw->bohw', weights['encoder_weight'], visible) + weights['encoder_bias'].view(
            1, 1, 1, 1
        )
        x = torch.einsum('oc,bchw->bohw', weights['decoder_weight'], code.relu()) + weights['decoder_bias'].view(
            1, 3, 1, 1
        )
        net = self.resnet
        maps = net.maxpool(net.bn1(net.conv1(torch.cat((visible, infrared, x)))))  # no ReLU
        pooled = net.layer4(net.layer3(net.layer2(net.layer1(maps)))).mean((2, 3))
        logits = self.classifier(self.bnneck(pooled))
        total = 0
        for feats, scores in zip(pooled.chunk(3), logits.chunk(3)):
            targets = 0.9 * torch.nn.functional.one_hot(labels, 6).double() + 0.1 / 6
            total = total - (targets * scores.log_softmax(1)).sum(1).mean()
            for row, label in zip(feats, labels):
                distances = [(row - other).norm() for other in feats]
                farthest = max(d for d, other in zip(distances, labels) if other == label)
                nearest = min(d for d, other in zip(distances, labels) if other != label)
                total = total + (0.3 + farthest - nearest).clamp(min=0) / len(labels)
        ids = labels.unique()
        v, i, x = ([feats[labels == pid].mean(0) for pid in ids] for feats in pooled.chunk(3))
        for a, b in ((i, v), (v, i), (i, x), (x, i)):
            for p in range(len(ids)):
                rest = [q for q in range(len(ids)) if q != p]
                nearest = min(min((a[p] - b[q]).norm(), (a[q] - b[p]).norm()) for q in rest)
                total = total + 0.1 * (0.5 + (a[p] - b[p]).norm() - nearest).clamp(min=0) / len(ids)
        return total


def test_a_step_is_the_step_that_is_written_out(cfg, images, samples):
    model = build(cfg)
    reference = WrittenOut(model)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    images = images.double()
    log = model.train_step(dict(inputs=list(images), data_samples=samples), wrapper)

    optimizer = torch.optim.Adam(
        [weight for weight in reference.parameters() if weight.requires_grad], lr=3.5e-4, weight_decay=5e-4
    )
    loss = reference.loss(images[:4], images[4:], torch.tensor([1, 1, 4, 4]))
    loss.backward()
    optimizer.step()
    assert log['loss'].item() == pytest.approx(loss.item(), rel=1e-9)
    assert all(log[f'loss_{name}'] > 0 for name in ('id', 'tri', 'gap'))
    ours, theirs = model.state_dict(), reference.state_dict()
    renamed = {
        'resnet.': 'backbone.',
        'generator.encoder_': 'generator.encoder.',
        'generator.decoder_': 'generator.decoder.',
        'bnneck': 'head.bnneck',
        'classifier': 'head.classifier',
    }
    for name, value in theirs.items():
        prefix = next(prefix for prefix in renamed if name.startswith(prefix))
        mine = ours.pop(renamed[prefix] + name.removeprefix(prefix))
        assert torch.allclose(mine.double(), value.double(), rtol=0, atol=1e-8), name
    assert not ours
