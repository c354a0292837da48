"""LbA's network, losses and retrieval feature against numbers that the official network gave."""

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import DenseTripletLoss, VIReID
from haresreid.models.layers.dense_correspondence import draw_partners, foreground
from haresreid.structures import ReIDBatch

from .test_golden import SAMPLES, build, check, make_images

TOLERANCE = 1e-3


@pytest.fixture(scope='module')
def reference(golden) -> dict:
    return golden('lba')


@pytest.fixture(scope='module')
def model(reference) -> VIReID:
    return build('lba', reference)


def test_retrieval_features(model, reference):
    model.eval()
    with torch.no_grad():
        features = F.normalize(model(make_images().double(), SAMPLES)['embed'])
    for modality, rows in (('visible', features[:2]), ('infrared', features[2:])):
        check(rows, reference[f'eval_pool_{modality}'], modality)


def test_training_outputs_and_losses(model, reference):
    state = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    order = torch.tensor([2, 0, 3, 1])
    samples, back = [SAMPLES[row] for row in order], order.argsort()
    batch = ReIDBatch.of(samples)
    for rows, name in zip(draw_partners(batch), ('pos', 'neg')):  # one image each: nothing is random
        assert order[rows][back].tolist() == reference['pairs'][name]
    with torch.no_grad():
        features = model(make_images().double()[order], samples)
    model.load_state_dict(state)  # the running statistics as they were

    outputs = dict(
        train_out0=features['embed'],
        train_out1=features['logits'],
        train_out2=features['logits_3'],
        train_out3=features['logits_4'],
    )
    maps = {}
    for stage in (3, 4):
        outputs[f'recon_feat{stage}'] = features[f'positive_{stage}'].mean((2, 3))
        maps[f'mask_feat{stage}'] = foreground(features[f'own_{stage}'])
        maps[f'comask_feat{stage}'] = features[f'comask_{stage}']
    for name, output in outputs.items():
        check(output[back], reference[name], name)
    for name, output in maps.items():
        expected = dict(reference[name])
        assert expected.pop('shape') == [4, 1, 18, 9]
        check(output[back].flatten(1), dict(expected, shape=[4, 162]), name)

    losses = model.criterion.losses
    values = dict(id=losses['id'](features['logits'], batch), tri=losses['tri'](features['embed'], batch))
    for stage in (3, 4):
        values[f'ic{stage}'] = losses['ic'](features[f'logits_{stage}'], batch)
        aligned = {name: features[wanted] for name, wanted in model.criterion.features[f'dense_{stage}'].items()}
        values[f'dt_feat{stage}_own_comask'] = losses[f'dense_{stage}'](batch, **aligned)
        values[f'dt_feat{stage}'] = DenseTripletLoss(across_batch=True)(batch, **aligned)
    values['dt_sum'] = values['dt_feat3'] + values['dt_feat4']
    assert reference['losses'].keys() == values.keys()
    for name, value in values.items():
        assert value.item() == pytest.approx(reference['float64_losses'][name], rel=1e-5)
        assert value.item() == pytest.approx(reference['losses'][name], rel=TOLERANCE)
    checked = {*outputs, *maps, 'eval_pool_visible', 'eval_pool_infrared', 'pairs'}
    assert reference.keys() == checked | {'losses', 'float64_losses', 'keys', 'phase', 'size'}
