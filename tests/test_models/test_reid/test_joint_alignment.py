"""The turns of AlignGAN, compared with updates that are written out."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmengine.optim import build_optim_wrapper
from torch.optim import SGD

from haresreid.config.config import load_config
from haresreid.engine import TurnOptimWrapperConstructor
from haresreid.files.paths import CONFIG_ROOT
from haresreid.models import JointAlignmentVIReID, VIReID
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch, ReIDDataSample

PEOPLE = {modality: (0, 0, 1, 1) for modality in (0, 1)}


def make_model(**changes) -> JointAlignmentVIReID:
    cfg = load_config(str(CONFIG_ROOT / 'configs/baselines/aligngan_synth.py')).model
    cfg.backbone.update(base_channels=8, pretrained=None)
    cfg.head.update(in_channels=64, num_classes=3, channels=16, dropout=0.0)
    cfg.generator.update(base_channels=4, num_blocks=1)
    for part in cfg.discriminators.values():
        part.update(base_channels=4)
    cfg.discriminators.infrared.update(feature_channels=64)
    cfg.update(changes)
    torch.manual_seed(0)
    model = MODELS.build(cfg)
    model.init_weights()
    return model.double().train()


def make_batch() -> dict:
    """Two people, two images of each in each modality: for re-identification, then for the generator, reversed."""
    generator = torch.Generator().manual_seed(0)
    inputs, samples = [], []
    for role in (None, 'generator'):
        rows = [(label, modality) for modality, labels in PEOPLE.items() for label in labels]
        for label, modality in rows if role is None else rows[::-1]:
            meta = dict(gt_label=label, modality=modality, img_path='a.png')
            inputs.append(torch.rand(3, 64, 32, generator=generator, dtype=torch.float64) * 2 - 1)
            samples.append(ReIDDataSample(metainfo=meta if role is None else dict(meta, role=role)))
    return dict(inputs=inputs, data_samples=samples)


def wrappers(model):
    turn = dict(type='OptimWrapper', optimizer=dict(type=SGD, lr=0.01))
    return build_optim_wrapper(model, dict(constructor=TurnOptimWrapperConstructor, **dict.fromkeys(model.turns, turn)))


def images_of(model, batch: dict) -> tuple[torch.Tensor, ...]:
    """Visible and infrared images for re-identification, then for the generator; people 0, 0, 1, 1 in each."""
    data = model.data_preprocessor(copy.deepcopy(batch), True)
    own, drawn = data['inputs'], data['generator_inputs'].flip(0)  # back from the reversed order
    return own[:4], own[4:], drawn[:4], drawn[4:]


def network(model, images: torch.Tensor) -> tuple[torch.Tensor, dict]:
    rows = ReIDBatch.labelled(torch.zeros(len(images), dtype=torch.long), torch.ones(len(images), dtype=torch.long))
    feats, rows = model.backbone(images, rows)
    return feats[-1], model.head(feats, rows)


def triplets(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Both directions, margin 1, added; people 0, 0, 1, 1 in either."""
    same = torch.tensor([0, 0, 1, 1])[:, None] == torch.tensor([0, 0, 1, 1])
    total = 0
    for anchors, candidates in ((one, other), (other, one)):
        cosine = torch.stack([F.cosine_similarity(anchor[None], candidates) for anchor in anchors])
        for row, positive in zip(cosine, same):
            total = total + (row[~positive].max() - row[positive].min() + 1).clamp(min=0) / len(anchors)
    return total


def steps(parts: list, loss: torch.Tensor) -> list:
    parameters = [p for part in parts for p in part.parameters() if p.requires_grad]
    grads = torch.autograd.grad(loss, parameters, allow_unused=True, retain_graph=True)
    return [(p, 0.01 * g) for p, g in zip(parameters, grads) if g is not None]


def written_out(model: JointAlignmentVIReID, batch: dict) -> dict[str, float]:
    """A step of the third period in its plainest form: every part alone, and gradients by ``torch.autograd.grad``."""
    labels = torch.tensor([0, 0, 1, 1])
    own_v, own_i, x_v, x_i = images_of(model, batch)
    to_v, to_i = model.generator.translators['visible'], model.generator.translators['infrared']
    judge_v, judge_i = model.discriminators['visible'], model.discriminators['infrared']
    fake_v, fake_i = to_v(x_i), to_i(x_v)
    same = (to_v(x_v) - x_v).abs().mean() + (
        to_i(x_i) - x_i
    ).abs().mean()  # before the cycle: running means see an order
    fake_map, fake = network(model, fake_i)
    real_map, real = network(model, x_i)
    right = real_map.detach()

    def passes(scores, value):
        return (scores - value).square().mean()

    drawing = (passes(judge_v(fake_v), 1) + passes(judge_i(fake_i, right), 1)) / 2
    drawing = drawing + 10 * ((to_v(fake_i) - x_v).abs().mean() + (to_i(fake_v) - x_i).abs().mean()) / 2
    drawing = drawing + 5 * same / 2
    drawing = drawing + 0.1 * triplets(fake['embedding'], real['embedding'])
    drawing = drawing + 0.1 * F.cross_entropy(fake['logits'], labels)
    constant = 0.1 * F.cross_entropy(real['logits'], labels)  # in the log, and without a gradient
    update = steps([model.generator], drawing)

    fake_v, fake_i, wrong = fake_v.detach(), fake_i.detach(), fake_map.detach()
    others = x_i[[2, 3, 0, 1]]
    mistakes = [(others, right), (x_i, wrong), (fake_i, right), (fake_i, wrong)]
    judging = (passes(judge_v(x_v), 1) + passes(judge_v(fake_v), 0)) / 2
    judging = judging + (passes(judge_i(x_i, right), 1) + sum(passes(judge_i(*pair), 0) for pair in mistakes) / 4) / 2
    update += steps([model.discriminators], judging)

    with torch.no_grad():
        for parameter, change in update:  # what the network sees next is drawn by the generator of the next step
            parameter -= change
        fake_i = to_i(own_v)
    fake_map, fake = network(model, fake_i)
    _, real = network(model, own_i)
    reid = F.cross_entropy(fake['logits'], labels) + F.cross_entropy(real['logits'], labels)
    reid = reid + triplets(fake['embedding'], real['embedding']) + 0.1 * passes(judge_i(own_i, fake_map), 1)
    with torch.no_grad():
        for parameter, change in steps([model.backbone, model.head], reid):
            parameter -= change
    return dict(drawing=(drawing + constant).item(), judging=judging.item(), reid=reid.item())


def test_a_step_equals_the_three_updates_written_out():
    model = make_model()
    reference, batch = copy.deepcopy(model), make_batch()
    losses = written_out(reference, batch)
    log = model.train_step(batch, wrappers(model))
    assert log['loss'].item() == pytest.approx(sum(losses.values()), rel=1e-10)
    before = make_model().state_dict()
    for name, expected in reference.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], expected, rtol=1e-8, atol=1e-10, msg=name)
    moved = {name.split('.')[0] for name, p in model.named_parameters() if not torch.equal(before[name], p)}
    assert moved == {'generator', 'discriminators', 'backbone', 'head'}


def moved_in(epoch: int, **periods) -> tuple[set[str], dict]:
    model = make_model(**periods)
    before = {name: p.clone() for name, p in model.named_parameters()}
    model.set_epoch(epoch)
    log = model.train_step(make_batch(), wrappers(model))
    moved = {name for name, p in model.named_parameters() if not torch.equal(before[name], p)}
    return {'.'.join(name.split('.')[: 2 if 'discr' in name else 1]) for name in moved}, log


def test_the_periods_train_one_part_after_the_other():
    periods = dict(network_epochs=1, warmup=2)
    first, log = moved_in(0, **periods)
    assert first == {'backbone', 'head'} and set(log) == {'loss', 'loss_id', 'loss_tri', 'acc_id'}
    second, log = moved_in(1, **periods)
    assert second == {'generator', 'discriminators.warmup_visible', 'discriminators.warmup_infrared'}
    assert 'loss_id' not in log and 'loss_wrong_infrared' in log
    third, log = moved_in(2, **periods)
    assert third == {'generator', 'discriminators.visible', 'discriminators.infrared', 'backbone', 'head'}


def test_the_first_period_sees_infrared_images_alone():
    batch = make_batch()
    model = make_model(network_epochs=1, warmup=2)
    reference = copy.deepcopy(model)
    _, own_i, *_ = images_of(reference, batch)
    _, real = network(reference, own_i)
    log = model.train_step(batch, wrappers(model))
    one_direction = triplets(real['embedding'], real['embedding']) / 2
    assert log['loss_id'].item() == pytest.approx(F.cross_entropy(real['logits'], torch.tensor([0, 0, 1, 1])).item())
    assert log['loss_tri'].item() == pytest.approx(one_direction.item())


def test_bfloat16_trains_all_turns():
    model = make_model().float()
    turn = dict(type='BF16OptimWrapper', optimizer=dict(type=SGD, lr=0.01))
    cfg = dict(constructor=TurnOptimWrapperConstructor, **dict.fromkeys(model.turns, turn))
    batch = make_batch()
    batch['inputs'] = [image.float() for image in batch['inputs']]
    log = model.train_step(batch, build_optim_wrapper(model, cfg))
    assert all(value.isfinite() for value in log.values())
    exact = make_model().float()
    assert log['loss'].item() == pytest.approx(exact.train_step(batch, wrappers(exact))['loss'].item(), rel=0.03)


def test_retrieval_needs_one_direction_of_the_generator_alone():
    model = make_model().eval()
    kept = {name: value for name, value in model.state_dict().items() if not name.startswith(model.training_only())}
    assert {'.'.join(name.split('.')[: 3 if name.startswith('gen') else 1]) for name in kept} == {
        'generator.translators.infrared',
        'backbone',
    }
    whole = load_config(str(CONFIG_ROOT / 'configs/baselines/aligngan_synth.py')).model
    half = VIReID(
        generator=dict(whole.generator, base_channels=4, num_blocks=1),
        backbone=dict(whole.backbone, base_channels=8, pretrained=None),
        head=dict(whole.head, in_channels=64, num_classes=None),
    ).double()
    missing, unknown = half.load_state_dict(kept, strict=False)
    assert not unknown and all(name.startswith('generator.translators.visible.') for name in missing)
    images = torch.rand(4, 3, 64, 32, dtype=torch.float64)
    rows = ReIDBatch.labelled(torch.zeros(4, dtype=torch.long), torch.tensor([0, 1, 0, 1]))
    assert torch.equal(half.eval().embed(images, rows), model.embed(images, rows))
    network_of_drawn = model.backbone(model.generator.translators['infrared'](images[:1]), rows.take(torch.tensor([0])))
    drawn = model.head(*network_of_drawn)['embed']
    torch.testing.assert_close(model._embed_once(images, rows, 1)[0], F.normalize(drawn.float())[0])
