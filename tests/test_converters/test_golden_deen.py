"""DEEN's networks and losses, for SYSU-MM01 and for RegDB, against numbers that the official ones gave."""

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import VIReID
from haresreid.structures import ReIDBatch

from .test_golden import SAMPLES, build, check, make_images


@pytest.fixture(scope='module', params=['deen', 'deen_regdb'])
def reference(request, golden) -> dict:
    return golden(request.param)


@pytest.fixture(scope='module')
def model(reference) -> VIReID:
    model = build('deen', reference)
    model.backbone.expansion.dropout.p = 0.0
    return model


def run(model: VIReID, images: torch.Tensor, samples: list) -> tuple[dict, ReIDBatch]:
    feats, rows = model.extract_feat(images, ReIDBatch.of(samples))
    return model.head(feats, rows), rows


def test_training_outputs_and_losses(model, reference):
    model.train()
    order = torch.tensor([2, 0, 3, 1])
    images = make_images(reference['size'], reference['phase']).double()[order]
    with torch.no_grad():
        features, rows = run(model, images, [SAMPLES[row] for row in order])
        losses = model.criterion(features, rows)

    # rows of the file: by branch, in each two visible ones and two infrared ones
    place = torch.argsort(2 * rows.modalities + rows.labels)
    for i, name in enumerate(('embed', 'logits')):
        check(features[name][place], reference[f'train_out{i}'], name)
    terms = reference['float64_losses']
    expected = dict(terms, cpm=terms['cpm12'] + terms['cpm13'])
    for name in ('id', 'tri', 'cpm', 'ort'):
        value = losses[f'loss_{name}'].item() / model.criterion.weights[name]
        assert value == pytest.approx(expected[name], rel=1e-5), name


def test_retrieval_features(model, reference):
    """With the statistics that one training batch leaves at momentum 1, as the file has them."""
    images = make_images(reference['size'], reference['phase']).double()
    norms = [module for module in model.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        run(model.train(), images, SAMPLES)
        features, rows = run(model.eval(), images, SAMPLES)
    for modality, kind in enumerate(('visible', 'infrared')):
        chosen = rows.rows_of(modality, modality + 2, modality + 4)
        for official, name in (('pool', 'embed'), ('bn', 'bn_embed')):
            check(F.normalize(features[name][chosen]), reference[f'eval_{official}_{kind}'], name)

    # one product is the sixth part of the sum of the six
    ours = model.retrieval(features, images).double()
    branches = [F.normalize(features[name]).view(3, 4, -1) for name in ('embed', 'bn_embed')]
    six = sum(branch[k, :2] @ branch[k, 2:].T for branch in branches for k in range(3))
    torch.testing.assert_close(ours[:2] @ ours[2:].T, six / 6, rtol=0, atol=1e-6)
