"""AlignGAN's network, generators, discriminators and triplet against numbers that the official code gave.

No checkpoint of it was released, so the names of its parameters are translated here alone.
"""

import pytest
import torch
import torch.nn.functional as F

from haresreid.config.config import load_config
from haresreid.models import BatchHardTripletLoss, JointAlignmentVIReID
from haresreid.models.generators import in_the_other_modality
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .test_golden import CONFIGS, check, make_images, weight
from .test_golden_jsia import golden_features

TRANSLATOR = 'generator.translators.'
NAMES = {
    **{f'encoder.resnet_conv.{i}.': f'backbone.{part}.' for i, part in ((0, 'conv1'), (1, 'bn1'))},
    **{f'encoder.resnet_conv.{i + 3}.': f'backbone.layer{i}.' for i in range(1, 5)},
    'embeder.classifier0.bottle.0.': 'head.bottleneck.1.',
    'embeder.classifier0.bottle.1.': 'head.bottleneck.2.',
    'embeder.classifier0.classifier.0.': 'head.classifier.',
    'embeder.embedder0.': 'head.embedding.',
    'G_ir2rgb.model.': TRANSLATOR + 'visible.',
    'G_rgb2ir.model.': TRANSLATOR + 'infrared.',
    'D_ir.image_convs.': 'discriminators.infrared.of_images.',
    'D_ir.feature_convs.': 'discriminators.infrared.of_maps.',
    'D_ir.dis_convs.': 'discriminators.infrared.of_both.',
    'D_ir.conv_src.': 'discriminators.infrared.score.',
    **{
        f'D_{stream}{theirs}.{part}.': f'discriminators.{ours}.{own}.'
        for stream, theirs, ours in (
            ('rgb', '', 'visible'),
            ('rgb', '_warmup', 'warmup_visible'),
            ('ir', '_warmup', 'warmup_infrared'),
        )
        for part, own in (('model', 'layers'), ('conv_src', 'score'))
    },
}
BATCH = ReIDBatch.labelled(torch.tensor([0, 1, 0, 1]), torch.tensor([0, 0, 1, 1]))


def translated(name: str) -> str:
    theirs, ours = next((theirs, ours) for theirs, ours in NAMES.items() if name.startswith(theirs))
    name = ours + name.removeprefix(theirs)
    return name.replace('.model.', '.branch.') if ours.startswith(TRANSLATOR) else name


def build(keys: dict) -> JointAlignmentVIReID:
    cfg = load_config(str(CONFIGS / 'aligngan.py')).model
    cfg.head.update(num_classes=395, dropout=0.0)
    cfg.backbone.update(size=(384, 192))
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.load_state_dict({translated(name): weight(name, shape) for name, shape in keys.items()})
    return model.train()


def test_equals_the_official_networks(golden):
    """Tolerances are those of the reference: logits pass a batch norm over two images, which is nearly a sign."""
    reference = golden('aligngan')
    model = build(reference['keys'])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    images = make_images((128, 128)) / 1.5
    with torch.no_grad():
        drawn = model.drawing_features(images, BATCH)
        real_infrared = model._scores(images, drawn['maps'], BATCH)[2:]
        rows = BATCH.take(torch.tensor([2, 3]))
        fake_infrared = model._scores(drawn['exchanged'][:2], drawn['maps'][:2], rows)
        real_visible = model._scores(images, drawn['maps'], BATCH)[:2]
        fake_visible = model._scores(drawn['exchanged'][2:], drawn['maps'][2:], in_the_other_modality(rows))
        model.load_state_dict(before)
        model.eval()
        generated = model.generator.draw(images, in_the_other_modality(BATCH))
        infrared = torch.where(BATCH.is_of(0)[:, None, None, None], generated, images)
        # the released code mirrors the drawn image, and adds features before it normalises them
        pooled = [model._seen(view, BATCH)['embed'] for view in (infrared, infrared.flip(-1))]

    outputs = dict(
        train_out0=drawn['embed'],
        train_out1=drawn['logits'],
        train_out2=drawn['embedding'],
        train_out3=drawn['exchanged'],
        train_out4=torch.cat((real_infrared, fake_infrared)),
        train_out5=torch.cat((real_visible, fake_visible)),
        eval_out0=F.normalize(sum(pooled)),
        eval_out1=generated,
    )
    assert reference.keys() == {*outputs, 'keys', 'losses'}
    for name, output in outputs.items():
        tolerance = 2e-2 if name == 'train_out1' else 1e-4 if name.startswith('eval') else 1e-3
        check(output.flatten(1), reference[name], name, tolerance)


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (8, 4), (6, 8)])
def test_the_triplet_of_the_config_equals_the_official_one(golden, num_ids, num_instances):
    cfg = dict(load_config(str(CONFIGS / 'aligngan.py')).model.criterion.losses.tri)
    loss = BatchHardTripletLoss(cfg['margin'], cfg['blocks'], cfg['metric'])
    half = num_ids * num_instances
    feats, labels = golden_features(2 * half, 16), torch.arange(num_ids).repeat_interleave(num_instances).repeat(2)
    value = cfg['weight'] * loss(feats, ReIDBatch.labelled(labels, torch.arange(2).repeat_interleave(half)))
    value.backward()
    expected, gradient = golden('aligngan')['losses'][f'aligngan_tri_cos_1.0 P{num_ids}K{num_instances}']
    assert value.item() == pytest.approx(expected, rel=1e-9)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-7)
