"""The turns of Hi-CMD, compared with updates that are written out."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmengine.optim import build_optim_wrapper
from torch.optim import SGD

from haresreid.config.config import load_config
from haresreid.engine import TurnOptimWrapperConstructor
from haresreid.files.paths import CONFIG_ROOT
from haresreid.models import DisentanglingVIReID, VIReID
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch, ReIDDataSample

LABELS = torch.tensor([0, 0, 1, 1])  # of the visible images, and of the infrared ones


def narrow_config():
    cfg = load_config(str(CONFIG_ROOT / 'configs/baselines/hicmd_synth.py')).model
    cfg.backbone.update(base_channels=8, prototype_channels=4, pretrained=None)
    cfg.head.update(in_channels=64, num_classes=3, dropout=0.0)
    cfg.generator.update(content_channels=8, code_channels=64, base_channels=4)
    for part in cfg.discriminators.values():
        part.update(base_channels=4)
    return cfg


def make_model() -> DisentanglingVIReID:
    torch.manual_seed(0)
    model = MODELS.build(narrow_config())
    model.init_weights()
    return model.double().train()


def make_batch() -> dict:
    """Two people, two images of each in each modality: for re-identification, then for the generator, reversed."""
    generator = torch.Generator().manual_seed(0)
    inputs, samples = [], []
    for role in (None, 'generator'):
        rows = [(label, modality) for modality in (0, 1) for label in LABELS.tolist()]
        for label, modality in rows if role is None else rows[::-1]:
            meta = dict(gt_label=label, modality=modality, img_path='a.png')
            inputs.append(torch.rand(3, 64, 32, generator=generator, dtype=torch.float64) * 2 - 1)
            samples.append(ReIDDataSample(metainfo=meta if role is None else dict(meta, role=role)))
    return dict(inputs=inputs, data_samples=samples)


def wrappers(model):
    turn = dict(type='OptimWrapper', optimizer=dict(type=SGD, lr=0.001))
    return build_optim_wrapper(model, dict(constructor=TurnOptimWrapperConstructor, **dict.fromkeys(model.turns, turn)))


def codes(model, images: torch.Tensor, modality: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Prototypes and attributes of images of a modality."""
    net = model.backbone
    stream = net if modality == 'visible' else net.infrared
    x = F.max_pool2d(F.relu(stream.bn1(stream.conv1(images))), 3, 2, 1)
    for number in range(1, 5):
        x = getattr(stream, f'layer{number}')(x)
    return net.prototype_encoders[modality](images), x.mean((2, 3))


def joined(own: torch.Tensor, other: torch.Tensor, kept: int) -> torch.Tensor:
    """Of four slices of 16 numbers the first ``kept`` from ``own``."""
    slices = [torch.cat((own[:, i : i + kept], other[:, i + kept : i + 16]), 1) for i in range(0, 64, 16)]
    return torch.cat(slices, 1)


def draw(model, prototypes: torch.Tensor, attributes: torch.Tensor) -> torch.Tensor:
    return model.generator.decoder(prototypes, attributes.view(-1, 4, 16))


def recognised(model, visible: torch.Tensor, infrared: torch.Tensor) -> dict[str, torch.Tensor]:
    """Logits of each modality, logits after an exchange of the styles, and embeddings; people 0, 0, 1, 1 in each."""
    (p_v, a_v), (p_i, a_i) = codes(model, visible, 'visible'), codes(model, infrared, 'infrared')
    layers = model.backbone.prototype_stages
    pooled = F.normalize(layers['layer3'](layers['layer2'](torch.cat((p_v, p_i)))).mean((2, 3)))
    style = [torch.cat([a[:, i : i + 8] for i in range(0, 64, 16)], 1) for a in (a_v, a_i)]
    w, feats = model.head.proportion, []
    for pair in (style, style[::-1]):
        both = torch.cat((w * pooled, (1 - w) * F.normalize(torch.cat(pair))), 1)
        feats.append(model.head.bottleneck(both))
    logits, recombined = (model.head.classifier(each) for each in feats)
    return dict(logits=logits, recombined=recombined, embedding=model.head.embedding(feats[0]))


def gradients(parts: list, loss: torch.Tensor) -> list:
    parameters = [p for part in parts for p in part.parameters() if p.requires_grad]
    grads = torch.autograd.grad(loss, parameters, allow_unused=True, retain_graph=True)
    return [(p, g) for p, g in zip(parameters, grads) if g is not None]


def written_out(model: DisentanglingVIReID, batch: dict, lr: float = 0.001) -> dict[str, float]:
    """A step in its plainest form: each modality alone, and gradients by ``torch.autograd.grad``."""
    data = model.data_preprocessor(copy.deepcopy(batch), True)
    images = data['generator_inputs'].flip(0)  # back from the reversed order: visible, infrared; 0, 0, 1, 1 in each
    real = dict(visible=images[:4], infrared=images[4:])
    both = list(real)
    # the k-th image of a person is the partner of the k-th in the other modality, counted in the reversed order: the
    # same pairs
    code = {name: codes(model, real[name], name) for name in both}
    drawing, drawn = 0, {}
    for own, other in (both, both[::-1]):
        prototypes, attributes = code[own]
        rec = (draw(model, prototypes, attributes) - real[own]).abs().mean()
        given = joined(attributes, code[other][1], 8)
        fake = draw(model, prototypes, given)
        relit = draw(model, prototypes, joined(attributes, code[other][1], 12))
        cross = (fake - real[other]).abs().mean()
        drawn[other] = fake, relit
        again, seen = codes(model, fake, other)
        cycle = (draw(model, again, joined(seen, attributes, 8)) - real[own]).abs().mean()
        fooled = sum((s - 1).square().mean() for image in (fake, relit) for s in model.discriminators[other](image))
        drawing = drawing + 50 * (rec + cross + cycle) + 20 * fooled
        drawing = drawing + 10 * (seen - given).abs().mean() + attributes.square().mean()
    update = gradients([model.generator], drawing)
    network = gradients([model.backbone], drawing)

    judged = 0
    for name in both:
        judge, pixels = model.discriminators[name], real[name].clone().requires_grad_()
        for score in judge(pixels):
            (slope,) = torch.autograd.grad(score.sum(), pixels, create_graph=True)
            judged = judged + (score - 1).square().mean() + 0.01 * slope.square().sum((1, 2, 3)).mean()
        for fake in drawn[name]:
            judged = judged + sum(score.square().mean() for score in judge(fake.detach())) / 2
    update += gradients([model.discriminators], judged)

    people = LABELS.repeat(2)
    reid = 0
    for kind in (0, 1):  # exchanged images, then those of other illumination alone
        logits = recognised(model, *(drawn[name][kind].detach() for name in both))['logits']
        reid = reid + F.cross_entropy(logits, people) / 2
    own = recognised(model, data['inputs'][:4], data['inputs'][4:])
    reid = reid + F.cross_entropy(own['logits'], people) + F.cross_entropy(own['recombined'], people)
    triplets = 0
    for row, feat in enumerate(own['embedding']):
        cosine = F.cosine_similarity(feat[None], own['embedding'])
        same = people == people[row]
        s_p, s_n = cosine[same & (torch.arange(8) != row)].min(), cosine[~same].max()
        triplets = triplets + ((0.5 + s_n - s_p).clamp(min=0) + (1 - s_p) ** 2 + (1 + s_n) ** 2) / 8
    reid = reid + triplets
    update += [*network, *gradients([model.backbone, model.head], reid)]
    with torch.no_grad():
        for parameter, gradient in update:
            parameter -= lr * gradient
    return dict(drawing=drawing.item(), judged=judged.item(), reid=reid.item())


def test_a_step_equals_the_updates_written_out():
    model = make_model()
    reference, batch = copy.deepcopy(model), make_batch()
    losses = written_out(reference, batch)
    log = model.train_step(batch, wrappers(model))
    assert log['loss'].item() == pytest.approx(sum(losses.values()), rel=1e-10)
    before = make_model().state_dict()
    for name, expected in reference.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], expected, rtol=1e-8, atol=1e-10, msg=name)
    moved = {'.'.join(name.split('.')[:2]) for name, p in model.named_parameters() if not torch.equal(before[name], p)}
    assert moved == {'.'.join(name.split('.')[:2]) for name, _ in model.named_parameters()}


def test_retrieval_takes_neither_decoder_nor_discriminators():
    model = make_model().eval()
    kept = {name: value for name, value in model.state_dict().items() if not name.startswith(model.training_only())}
    assert {name.split('.')[0] for name in kept} == {'backbone', 'head'}
    cfg = narrow_config()
    half = VIReID(backbone=cfg.backbone, head=dict(cfg.head, num_classes=None)).double()
    half.load_state_dict(kept)
    images = torch.rand(4, 3, 64, 32, dtype=torch.float64)
    rows = ReIDBatch.labelled(torch.zeros(4, dtype=torch.long), torch.tensor([0, 1, 0, 1]))
    assert torch.equal(half.eval().embed(images, rows), model.embed(images, rows))
    assert not torch.allclose(model.embed(images, rows), model.embed(images, rows.take(torch.tensor([1, 0, 3, 2]))))


def test_the_network_is_trained_without_a_generator_too():
    cfg = narrow_config()
    torch.manual_seed(0)
    half = VIReID(backbone=cfg.backbone, head=cfg.head, criterion=cfg.criterion).double().train()
    batch = make_batch()
    images, samples = (values[:8] for values in batch.values())
    losses = half(torch.stack(images), samples, mode='loss')
    assert set(losses) == {'loss_id', 'loss_tri', 'acc_id'}
    sum(value for name, value in losses.items() if 'loss' in name).backward()
    assert all(p.grad is not None for p in half.backbone.parameters())
