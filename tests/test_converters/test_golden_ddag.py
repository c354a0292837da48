"""DDAG's network, losses and retrieval features against numbers that the official network gave."""

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import VIReID
from haresreid.structures import ReIDBatch

from .test_golden import SAMPLES, build, check, make_images

TOLERANCE = 1e-3


@pytest.fixture(scope='module')
def reference(golden) -> dict:
    return golden('ddag')


@pytest.fixture(scope='module')
def model(reference) -> VIReID:
    return build('ddag', reference, dropout=0.0)


def test_retrieval_features(model, reference):
    model.eval()
    batch = ReIDBatch.of(SAMPLES)
    with torch.no_grad():
        features = model.head(*model.extract_feat(make_images().double(), batch))
    assert 'graph_logits' not in features
    for official, name in (('feat', 'bn_embed'), ('att', 'part_embed')):
        for modality, rows in (('visible', features[name][:2]), ('infrared', features[name][2:])):
            check(F.normalize(rows), reference[f'eval_{official}_{modality}'], name)


def test_training_outputs_and_losses(model, reference):
    state = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    order = torch.tensor([2, 0, 3, 1])
    samples, seen = [SAMPLES[row] for row in order], {}
    for name, layer in (('heads', model.head.graph_attention.dropout), ('out', model.head.graph_attention.out)):
        layer.register_forward_hook(lambda module, inputs, output, name=name: seen.update({name: output}))
    with torch.no_grad():
        features = model(make_images().double()[order], samples)
    model.load_state_dict(state)  # the running statistics as they were

    outputs = dict(
        train_out0=features['embed'],
        train_out1=features['logits'],
        train_out2=features['part_logits'],
        train_out3=features['graph_logits'].log_softmax(1),
        feat=features['bn_embed'],
        iwpa=features['part_embed'],
        graph_heads=seen['heads'],
        graph_out_before_elu=seen['out'],
    )
    for name, output in outputs.items():
        check(output[order.argsort()], reference[name], name)
    for name, loss in model.criterion.losses.items():
        (feature,) = model.criterion.features[name]
        value = loss(features[feature], ReIDBatch.of(samples)).item()
        assert value == pytest.approx(reference['float64_losses'][name], rel=1e-5)
        assert value == pytest.approx(reference['losses'][name], rel=TOLERANCE)
    checked = {*outputs, *(f'eval_{part}_{kind}' for part in ('feat', 'att') for kind in ('visible', 'infrared'))}
    assert reference.keys() == checked | {'losses', 'float64_losses', 'keys', 'phase', 'size'}
