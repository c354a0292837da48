"""MIP, narrow: a training step against one written out from the facts, and what its prompts depend on."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from haresreid.config.config import load_config
from haresreid.models import VIReID
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..steps import check_step

CONFIG = Path(__file__).parents[3] / 'configs/_base_/models/mip.py'
ARCH = dict(embed_dims=24, num_layers=4, num_heads=2, feedforward_channels=48)


@pytest.fixture
def model() -> VIReID:
    cfg = load_config(str(CONFIG)).model
    cfg.backbone.update(
        arch=ARCH, img_size=(96, 48), drop_path_rate=0.0, pretrained=None, num_prompts=3, num_instance_prompts=2
    )
    cfg.head.update(num_classes=6, in_channels=24)
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.init_weights()
    model.backbone.prompt_dropout.p = 0.0
    return model.double().train()


def class_tokens(net, images, kinds):
    """Of the whole image and of the four parts, image by image."""
    rows = []
    for image, kind in zip(images, kinds):
        patches = net.patch_embed.projection(image[None]).flatten(2).transpose(1, 2)
        x = torch.cat((net.cls_token, patches), dim=1) + net.pos_embed + 3 * net.modality_embed[kind]
        for number in range(3):
            made = net.instance_generator(torch.cat((net.instance_queries, x[:, 1:]), dim=1))[:, :2]
            learned = net.prompt_proj(net.modality_prompts[kind, number])[None]
            x = net.layers[number](torch.cat((x[:, :1], learned, made, x[:, 1:]), dim=1))
            x = torch.cat((x[:, :1], x[:, 6:]), dim=1)
        tokens = [net.ln1(net.layers[3](x))[:, 0]]
        shuffled = x[:, 1:].roll(-4, dims=1)
        if shuffled.shape[1] % 2:
            shuffled = torch.cat((shuffled, shuffled[:, -2:-1]), dim=1)
        shuffled = torch.stack(shuffled.chunk(2, dim=1), dim=2).flatten(1, 2)
        length = patches.shape[1] // 4
        for part in range(4):
            chosen = shuffled[:, part * length : (part + 1) * length]
            tokens.append(net.local(torch.cat((x[:, :1], chosen), dim=1))[:, 0])
        rows.append(torch.stack(tokens))
    return torch.cat(rows, dim=1)  # (5, B, D)


def soft_triplet(feats, labels):
    distance = (feats[:, None] - feats[None]).square().sum(2).clamp(min=1e-30).sqrt()
    same = labels[:, None] == labels
    hardest = distance.where(same, 0).amax(1) - distance.where(~same, torch.inf).amin(1)
    return F.softplus(hardest).mean()


def enhancement(feats, labels, kinds):
    """Mean over the modalities of (mean distance across - mean distance within)^2."""
    total = 0
    for row, feature in enumerate(feats):
        others = {
            same: [
                (feature - feats[other]).norm()
                for other in range(len(feats))
                if other != row and labels[other] == labels[row] and (kinds[other] == kinds[row]) == same
            ]
            for same in (True, False)
        }
        within, across = (torch.stack(others[same]).mean() for same in (True, False))
        total = total + (across - within) ** 2 / 8  # four images in each of two modalities
    return total


def written_out(model, images, labels, kinds):
    tokens = class_tokens(model.backbone, images, kinds)
    loss = 0
    for index, feats in enumerate(tokens):
        weight = 0.125 if index else 0.5
        logits = model.head.classifiers[index](model.head.bnnecks[index](feats))
        loss = loss + weight * (F.cross_entropy(logits, labels) + soft_triplet(feats, labels))
        loss = loss + weight / 2 * enhancement(feats, labels, kinds)
    return loss


def test_a_step_equals_the_one_written_out(model, images, samples):
    images, labels = images.double(), torch.tensor([sample.gt_label for sample in samples])
    kinds = [sample.modality for sample in samples]
    check_step(model, images, samples, lambda model: written_out(model, images, labels, kinds))


def test_the_modality_shared_enhancement_begins_with_the_tenth_of_80_epochs(model):
    for epoch, weights in ((9, (0, 0)), (10, (0.25, 0.0625))):
        model.criterion.update_weights((epoch - 1) / 80, {})
        assert tuple(model.criterion.weights[name] for name in ('msel', 'msel_local')) == weights


def test_prompts_are_those_of_the_modality_and_of_the_image(model, images, samples):
    net, batch = model.eval().backbone, ReIDBatch.of(samples)
    seen = []
    for layer in net.layers:
        layer.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    net(images.double(), batch)
    patches = net.patch_resolution[0] * net.patch_resolution[1]
    assert [x.shape[1] for x in seen] == [1 + 5 + patches] * 3 + [1 + patches]
    for number, x in enumerate(seen[:3]):
        learned, made = x[:, 1:4], x[:, 4:6]
        expected = net.prompt_proj(net.modality_prompts[:, number])  # (2, 3, D)
        torch.testing.assert_close(learned, expected.repeat_interleave(4, dim=0))
        assert (made[0] - made[1]).abs().max() > 1e-3 and (made[:, 0] - made[:, 1]).abs().max() > 1e-3


def test_a_modalitys_prompts_learn_from_its_own_images(model, images, samples):
    tokens, _ = model.backbone(images[:4].double(), ReIDBatch.of(samples[:4]))
    sum(token.square().sum() for token in tokens).backward()
    gradient = model.backbone.modality_prompts.grad
    assert gradient[0].abs().amax((1, 2)).min() > 0 and not gradient[1].any()


def test_prompts_start_as_in_the_released_code(model):
    """Uniform within 20 sqrt(6 / (3 * 16 * 16 + D)), and a projection of Kaiming's by outputs."""
    net = model.backbone
    bound = 20 * (6 / (768 + 24)) ** 0.5
    assert 0.95 * bound < net.modality_prompts.abs().max() <= bound
    assert net.prompt_proj.weight.std().item() == pytest.approx((2 / 24) ** 0.5, rel=0.15)


def test_an_image_without_a_modality_is_refused(model, images):
    with pytest.raises(ValueError, match='holds an image whose modality is not known'):
        model.eval()(images.double())
