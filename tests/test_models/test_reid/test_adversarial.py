"""The turns of an adversarial training step, compared with updates that are written out."""

import copy

import pytest
import torch
from mmengine.optim import OptimWrapperDict, build_optim_wrapper
from torch.optim import SGD

from haresreid.config.config import load_config
from haresreid.engine import TurnOptimWrapperConstructor
from haresreid.files.paths import CONFIG_ROOT
from haresreid.models import AdversarialVIReID, VIReID
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch, ReIDDataSample

SAMPLES = [(label, modality) for modality in (0, 1) for label in (0, 0, 1, 1)]


def make_model(warmup: int = 0, **changes) -> AdversarialVIReID:
    cfg = load_config(str(CONFIG_ROOT / 'configs/baselines/jsia_synth.py')).model
    cfg.backbone.update(base_channels=8, pretrained=None)
    cfg.head.update(in_channels=64, num_classes=3)
    cfg.generator.update(content_channels=8, base_channels=4, code_channels=8)
    for part in cfg.discriminators.values():
        part.update(base_channels=4, num_layers=2)
    cfg.update(warmup=warmup, **changes)
    torch.manual_seed(0)
    model = MODELS.build(cfg)
    model.init_weights()
    return model.double().train()


def make_batch(count: int = len(SAMPLES)) -> dict:
    """Images of two people for re-identification, and as many, half as large, for the generator, in another order."""
    generator = torch.Generator().manual_seed(0)
    inputs, samples = [], []
    for role, size in ((None, (64, 32)), ('generator', (32, 16))):
        for label, modality in SAMPLES if role is None else SAMPLES[::-1]:
            meta = dict(gt_label=label, modality=modality, img_path='a.png')
            inputs.append(torch.rand(3, *size, generator=generator, dtype=torch.float64) * 2 - 1)
            samples.append(ReIDDataSample(metainfo=meta if role is None else dict(meta, role=role)))
    return dict(inputs=inputs, data_samples=samples)


def wrappers(model, lr: float = 0.01, **options) -> OptimWrapperDict:
    turn = dict(type='OptimWrapper', optimizer=dict(type=SGD, lr=lr), **options)
    return build_optim_wrapper(model, dict(constructor=TurnOptimWrapperConstructor, **dict.fromkeys(model.turns, turn)))


def written_out(model: AdversarialVIReID, batch: dict, lr: float = 0.01) -> dict[str, float]:
    """A step in its plainest form: every part alone, and gradients by ``torch.autograd.grad``."""
    data = model.data_preprocessor(batch, True)
    images, rows = data['generator_inputs'], ReIDBatch.of(data['generator_samples'])
    visible, infrared = rows.rows_of(0), rows.rows_of(1)
    # the samples come in one order in each modality: the partner of a row is the one at its place in the other half
    (dis_v, dis_i), gen = model.discriminators.values(), model.generator
    (enc_v, enc_i), (dec_v, dec_i) = gen.encoders.values(), gen.decoders.values()

    def content(x):
        return model.backbone.encoder_stages[0](enlarged(x), rows)

    def enlarged(x):
        return torch.nn.functional.interpolate(x, scale_factor=2, mode='bilinear')

    def stepped(part, loss, retain=True):
        parameters = [p for p in part.parameters() if p.requires_grad]
        grads = torch.autograd.grad(loss, parameters, allow_unused=True, retain_graph=retain)
        return [(p, g) for p, g in zip(parameters, grads) if g is not None]

    x_v, x_i = images[visible], images[infrared]
    c_v, c_i = content(x_v), content(x_i)
    s_v, s_i = enc_v(x_v), enc_i(x_i)
    rec = (dec_v(c_v, s_v) - x_v).abs().mean() + (dec_i(c_i, s_i) - x_i).abs().mean()
    fake_v, fake_i = dec_v(c_i, s_v), dec_i(c_v, s_i)
    d_i, d_v = content(fake_v), content(fake_i)
    cycle = (dec_v(d_v, s_v) - x_v).abs().mean() + (dec_i(d_i, s_i) - x_i).abs().mean()
    adversarial = sum((score - 1).square().mean() for score in (*dis_v(fake_v), *dis_i(fake_i)))
    feature = (d_i - c_i).abs().mean() + (d_v - c_v).abs().mean()
    feature = feature + (enc_v(fake_v) - s_v).abs().mean() + (enc_i(fake_i) - s_i).abs().mean()
    image_loss = adversarial + 10 * (rec + cycle)
    encoder = stepped(model.backbone, image_loss)
    update = stepped(gen, image_loss + feature)

    fake_v, fake_i = fake_v.detach(), fake_i.detach()
    judged = sum((score - 1).square().mean() for score in (*dis_v(x_v), *dis_i(x_i)))
    judged = judged + sum(score.square().mean() for score in (*dis_v(fake_v), *dis_i(fake_i)))
    update += stepped(model.discriminators, judged)

    def features(x, modality):
        return VIReID.forward(model, x, [ReIDDataSample(metainfo=dict(modality=modality))] * len(x))

    inputs, labels = data['inputs'], torch.tensor([label for label, _ in SAMPLES])
    both = [features(inputs[:4], 0), features(inputs[4:], 1)]

    def logits(x_visible, x_infrared):
        return [features(enlarged(x), modality)['logits'] for modality, x in enumerate((x_visible, x_infrared))]

    with torch.no_grad():
        real = logits(x_v, x_i)
    seen = logits(fake_v, fake_i)[::-1]  # drawn from x_v, drawn from x_i
    smoothed = sum(torch.nn.functional.cross_entropy(out['logits'], labels[:4], label_smoothing=0.1) for out in both)
    distance = torch.cdist(both[0]['embed'], both[1]['embed'])
    same = labels[:4, None] == labels[None, 4:]
    triplets = []
    for square, mask in ((distance, same), (distance.T, same.T)):
        hardest = square.masked_fill(~mask, 0).amax(1) - square.masked_fill(mask, torch.inf).amin(1)
        triplets.append((hardest + 0.3).clamp(min=0).mean())
    kl = 0
    for own, target in zip(seen, real):
        p, q = own.softmax(1), target.softmax(1)
        kl = kl + ((p * (p / q).log()).sum(1) + (q * (q / p).log()).sum(1)).mean()
    reid = smoothed / 2 + sum(triplets) / 2 + 0.01 * kl
    network = torch.nn.ModuleList([model.backbone, model.head])
    update += [*encoder, *stepped(network, reid)]
    with torch.no_grad():
        for parameter, gradient in update:
            parameter -= lr * gradient
    return dict(generator=(image_loss + feature).item(), discriminator=judged.item(), reid=reid.item())


def test_a_step_equals_the_three_updates_written_out():
    model = make_model()
    reference, batch = copy.deepcopy(model), make_batch()
    losses = written_out(reference, batch)
    log = model.train_step(batch, wrappers(model))
    assert log['loss'].item() == pytest.approx(sum(losses.values()), rel=1e-10)
    before = make_model().state_dict()
    for name, expected in reference.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], expected, rtol=1e-8, atol=1e-10, msg=name)
    moved = [name for name, _ in model.named_parameters() if not torch.equal(before[name], model.state_dict()[name])]
    assert {name.split('.')[0] for name in moved} == {'generator', 'discriminators', 'backbone', 'head'}


def test_in_the_warm_up_only_generator_and_discriminators_learn_and_statistics_move():
    model = make_model(warmup=2)
    before, optimizers = copy.deepcopy(model.state_dict()), wrappers(model)
    model.set_epoch(1)
    log = model.train_step(make_batch(), optimizers)
    assert 'loss_id' not in log and 'loss_pixel' not in log
    parameters = dict(model.named_parameters())
    for name, value in model.state_dict().items():
        learns = name.startswith(('generator', 'discriminators')) and name in parameters
        statistic = name.startswith(('backbone.bn1', 'backbone.layer1')) and name not in parameters
        assert torch.equal(value, before[name]) != (learns or statistic), name
    assert all(p.requires_grad for name, p in parameters.items() if name != 'head.bnneck.bias')
    assert all(p.grad is None for p in parameters.values())
    model.set_epoch(2)
    assert 'loss_id' in model.train_step(make_batch(), optimizers)


def test_accumulated_gradients_are_those_of_both_steps():
    """Batch statistics do not depend on weights in the first of two steps without an update."""
    once, twice = make_model(), make_model()
    batch = make_batch()
    accumulating = wrappers(twice, accumulative_counts=2)
    before = copy.deepcopy(dict(twice.named_parameters()))
    twice.train_step(batch, accumulating)
    assert all(torch.equal(p, before[name]) for name, p in twice.named_parameters())
    twice.train_step(batch, accumulating)
    once.train_step(batch, wrappers(once))
    for name, p in once.named_parameters():
        torch.testing.assert_close(twice.get_parameter(name), p, rtol=1e-9, atol=1e-12, msg=name)


def test_bfloat16_trains_all_turns():
    model = make_model().float()
    before = {name: p.clone() for name, p in model.named_parameters() if p.requires_grad}
    turn = dict(type='BF16OptimWrapper', optimizer=dict(type=SGD, lr=0.01))
    cfg = dict(constructor=TurnOptimWrapperConstructor, **dict.fromkeys(model.turns, turn))
    batch = make_batch()
    batch['inputs'] = [image.float() for image in batch['inputs']]
    log = model.train_step(batch, build_optim_wrapper(model, cfg))
    assert all(value.isfinite() for value in log.values())
    moved = {name.split('.')[0] for name, p in before.items() if not torch.equal(p, model.get_parameter(name))}
    assert moved == {'generator', 'discriminators', 'backbone', 'head'}
    exact = make_model().float().train_step(batch, wrappers(make_model().float()))
    assert log['loss'].item() == pytest.approx(exact['loss'].item(), rel=0.03)


def test_retrieval_takes_no_generator_and_weights_without_it_are_enough():
    model = make_model().eval()
    kept = {name: value for name, value in model.state_dict().items() if not name.startswith(model.training_only())}
    assert {name.split('.')[0] for name in kept} == {'backbone', 'head'}
    cfg = load_config(str(CONFIG_ROOT / 'configs/baselines/jsia_synth.py')).model
    half = VIReID(
        backbone=dict(cfg.backbone, base_channels=8, pretrained=None),
        head=dict(cfg.head, in_channels=64, num_classes=None),
    ).double()
    half.load_state_dict(kept)
    images, rows = torch.rand(4, 3, 64, 32, dtype=torch.float64), ReIDBatch.labelled(torch.zeros(4, dtype=torch.long))
    assert torch.equal(half.eval().embed(images, rows), model.embed(images, rows))


def test_a_schedule_in_the_place_of_an_image_losss_weight_is_refused():
    losses = dict(fake=dict(type='LeastSquaresLoss', target=0.0, feature='x', weight=dict(type='Step', at=0.5)))
    with pytest.raises(ValueError, match=r'image_criteria\.discriminator must be numbers'):
        make_model(image_criteria=dict(discriminator=dict(type='Criterion', losses=losses)))


def test_a_batch_without_images_for_the_generator_is_refused():
    model, batch = make_model(), make_batch()
    half = {name: values[: len(SAMPLES)] for name, values in batch.items()}
    with pytest.raises(ValueError, match='no image for the generator: draw batches with JointIdentitySampler'):
        model.train_step(half, wrappers(model))


def test_a_person_without_partners_is_refused():
    model, batch = make_model(), make_batch()
    batch['data_samples'][-1].set_metainfo(dict(gt_label=2))
    with pytest.raises(ValueError, match='a person with more images in one modality than in the other'):
        model.train_step(batch, wrappers(model))


def test_turns_without_an_optimizer_are_refused():
    model = make_model()
    turn = dict(type='OptimWrapper', optimizer=dict(type=SGD, lr=0.1))
    with pytest.raises(ValueError, match='generator, discriminator, reid; it has generator'):
        build_optim_wrapper(model, dict(constructor=TurnOptimWrapperConstructor, generator=turn))
    with pytest.raises(ValueError, match='each turn of Linear, which has none'):
        build_optim_wrapper(torch.nn.Linear(1, 1), dict(constructor=TurnOptimWrapperConstructor, generator=turn))
