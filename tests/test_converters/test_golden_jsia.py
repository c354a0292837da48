"""JSIA-ReID's encoder, generator, discriminators and losses against numbers that the official code gave.

No checkpoint of it was released, so the names of its parameters are translated here alone.
"""

import pytest
import torch

from haresreid.config.config import load_config
from haresreid.models import AdversarialVIReID, BatchHardTripletLoss, SymmetricKLLoss
from haresreid.models.generators import in_the_other_modality
from haresreid.models.layers import each_modality
from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from .test_golden import CONFIGS, check, make_images, weight

STYLE = 'generator_{}.mod_spec_enc.model.'
DECODER = 'generator_{}.dec.model.'
ENCODER = 'generator_rgb.mod_invar_enc.'
NAMES = {
    **{f'{ENCODER}resnet_conv1.{i}.': f'backbone.{part}.' for i, part in ((0, 'conv1'), (1, 'bn1'), (3, 'layer1'))},
    **{f'{ENCODER}resnet_conv2.{i}.': f'backbone.layer{i + 2}.' for i in range(3)},
    f'{ENCODER}classifier.bn.': 'head.bnneck.',
    f'{ENCODER}classifier.classifier.': 'head.classifier.',
    **{f'{STYLE}{i}.conv.': f'generator.encoders.{{}}.{2 * i}.' for i in range(5)},
    f'{STYLE}6.': 'generator.encoders.{}.11.',
    **{f'generator_{{}}.mlp.model.{i}.fc.': f'generator.decoders.{{}}.statistics.{2 * i}.' for i in range(3)},
    **{
        f'{DECODER}0.model.{block}.model.{i}.conv.': f'generator.decoders.{{}}.blocks.{2 * block + i}.'
        for block in range(2)
        for i in range(2)
    },
    f'{DECODER}2.conv.': 'generator.decoders.{}.conv.',
    f'{DECODER}2.norm.gamma': 'generator.decoders.{}.norm.weight',
    f'{DECODER}2.norm.beta': 'generator.decoders.{}.norm.bias',
    f'{DECODER}3.conv.': 'generator.decoders.{}.to_image.',
    **{
        f'discriminator_{{}}.cnns.{scale}.{i}.{conv}': f'discriminators.{{}}.scales.{scale}.{2 * i}.'
        for scale in range(2)
        for i, conv in enumerate(['conv.'] * 4 + [''])
    },
}
STREAMS = dict(visible='rgb', infrared='ir')
BATCH = ReIDBatch.labelled(torch.tensor([0, 1, 0, 1]), torch.tensor([0, 0, 1, 1]))


def build(keys: dict) -> AdversarialVIReID:
    translated = {}
    for name, shape in keys.items():
        for theirs, ours in NAMES.items():
            for modality, stream in STREAMS.items():
                start = theirs.format(stream)
                if name.startswith(start):
                    translated[ours.format(modality) + name.removeprefix(start)] = weight(name, shape)
    assert len(translated) == len(keys)
    cfg = load_config(str(CONFIGS / 'jsia.py')).model
    cfg.head.num_classes = 395
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.load_state_dict(translated)
    return model.train()


def test_equals_the_official_networks_and_its_losses(golden):
    """Tolerances are those of the reference: logits pass a batch norm over two images, which is nearly a sign."""
    reference = golden('jsia')
    model = build(reference['keys'])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    large, small = (make_images(size) / 1.5 for size in ((256, 128), (128, 64)))
    there = in_the_other_modality(BATCH)
    with torch.no_grad():
        features = each_modality(model._features, BATCH, large)
        model.load_state_dict(before)
        drawn = model.generator.exchange(small, BATCH, model.content)
        real, fake = model._judge('real', small, BATCH), model._judge('exchanged', drawn['exchanged'], there)
        judged = model.image_criteria['discriminator'](real | fake, BATCH)
        fooled = model.image_criteria['generator'](drawn | fake, BATCH)['loss_adversarial']
        model.load_state_dict(before)
        tested = each_modality(model.eval()._features, BATCH, large)['bn_embed']

    # the reference's rows: a person in visible images, whether real or drawn, before the one in infrared ones
    visible_first = torch.cat([there.rows_of(modality) for modality in Modality])
    outputs = {
        'train_out0': features['embed'],
        'train_out1': features['logits'],
        'train_out2': drawn['content'],
        'train_out3': drawn['partners_style'][visible_first],
        'train_out5': drawn['reconstructed'],
        'train_out6': drawn['exchanged'][visible_first],
        'eval_out0': tested,
    }
    for scale in (1, 2):  # of real visible images, and of infrared ones drawn from visible ones
        drawn_infrared = fake[f'exchanged_scale_{scale}'][:2]
        outputs[f'train_out{6 + scale}'] = torch.cat((real[f'real_scale_{scale}'][:2], drawn_infrared))
    assert reference.keys() == {*outputs, 'keys', 'losses', 'train_gan_losses'}
    for name, output in outputs.items():
        tolerance = {'train_out1': 1e-2, 'eval_out0': 1e-4}.get(name, 1e-3)
        check(output.flatten(1), reference[name], name, tolerance)
    assert sum(judged.values()).item() == pytest.approx(reference['train_gan_losses']['dis'], rel=1e-5)
    assert fooled.item() == pytest.approx(reference['train_gan_losses']['gen'], rel=1e-5)


def golden_features(rows: int, columns: int, phase: float = 0.0) -> torch.Tensor:
    n, d = torch.arange(rows, dtype=torch.float64).unsqueeze(1), torch.arange(columns, dtype=torch.float64)
    return torch.sin(0.7 * (n + 1) + 0.13 * (d + 1) * (n % 5 + 1) + phase).requires_grad_()


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (8, 4), (6, 8)])
def test_the_triplet_of_the_config_equals_the_official_one(golden, num_ids, num_instances):
    cfg = dict(load_config(str(CONFIGS / 'jsia.py')).model.criterion.losses.tri)
    loss = BatchHardTripletLoss(cfg['margin'], cfg['blocks'])
    half = num_ids * num_instances
    feats, labels = golden_features(2 * half, 16), torch.arange(num_ids).repeat_interleave(num_instances).repeat(2)
    value = loss(feats, ReIDBatch.labelled(labels, torch.arange(2).repeat_interleave(half)))
    value.backward()
    expected, gradient = golden('jsia')['losses'][f'jsia_tri_0.3 P{num_ids}K{num_instances}']
    assert (cfg['weight'], value.item()) == (1.0, pytest.approx(expected, rel=1e-9))
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-7)


def test_the_divergence_equals_the_official_one(golden):
    feats, target = golden_features(8, 10), golden_features(8, 10, 0.8)
    value = SymmetricKLLoss()(BATCH, feats=2 * feats, target=2 * target)
    value.backward()
    expected, gradient = golden('jsia')['losses']['jsia_kl N8C10']
    assert value.item() == pytest.approx(expected, rel=1e-6)
    assert 0.5 * feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-6)  # of the scores, 2 * feats
    assert target.grad is None
