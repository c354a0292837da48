"""MMN's network and losses against numbers that the official ones gave."""

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import DistributionConsistencyLoss, VIReID
from haresreid.structures import ReIDBatch

from .test_golden import SAMPLES, build, check, make_images, weight

OUTPUTS = [f'{kind}_{i}' for kind in ('stripe', 'logits') for i in range(1, 5)]


PROJECTOR = ('fc1.0', 'fc2.0', None, 'fc2.2', 'fc2.3')  # official names of its layers; the third is a ReLU


def fill_projector(loss: DistributionConsistencyLoss) -> None:
    """Give the projector the weights that it had for the golden numbers, which no checkpoint holds."""
    for name, layer in zip(PROJECTOR, loss.projector):
        for key, parameter in layer.named_parameters():
            parameter.data = weight(f'{name}.{key}', list(parameter.shape)).double()


@pytest.fixture(scope='module')
def reference(golden) -> dict:
    return golden('mmn')


@pytest.fixture(scope='module')
def model(reference) -> VIReID:
    return build('mmn', reference)


def test_retrieval_features(model, reference):
    model.eval()
    images = make_images(reference['size']).double()
    with torch.no_grad():
        features, rows = model.extract_feat(images, ReIDBatch.of(SAMPLES))
        features = model.head(features, rows)
    for modality, kind in enumerate(('visible', 'infrared')):
        chosen = torch.cat((rows.rows_of(modality), rows.rows_of(modality + 2)))  # images, then middle images
        for official, name in (('pool', 'embed'), ('bn', 'bn_embed')):
            check(F.normalize(features[name][chosen]), reference[f'eval_{official}_{kind}'], name)

    # the sum of the four products of a visible and an infrared image is the product of the sums
    query, gallery = (F.normalize(features['bn_embed'][rows.rows_of(kind, kind + 2)]).view(2, 2, -1) for kind in (0, 1))
    products = sum(query[i] @ gallery[j].T for i in (0, 1) for j in (0, 1))
    ours = model.retrieval(features, images).double()
    lengths = query.sum(0).norm(dim=1)[:, None] * gallery.sum(0).norm(dim=1)
    torch.testing.assert_close(ours[:2] @ ours[2:].T, products / lengths, rtol=0, atol=1e-6)


def test_training_outputs_and_losses(model, reference):
    fill_projector(model.criterion.losses['dcl'])
    state = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    order = torch.tensor([2, 0, 3, 1])
    batch = ReIDBatch.of([SAMPLES[row] for row in order])
    images = make_images(reference['size']).double()[order]
    with torch.no_grad():
        features, rows = model.extract_feat(images, batch)
        features = model.head(features, rows)
        losses = model.criterion(features, rows)
        model.load_state_dict(state)  # the running statistics as they were
        middle = model.generator(images, batch)[0][4:][order.argsort()]
    model.load_state_dict(state)

    # rows of the file: visible, visible middle, infrared, infrared middle; in each the identities 0 and 1
    kinds, labels = rows.modalities.tolist(), rows.labels.tolist()
    place = sorted(range(8), key=lambda row: (kinds[row] % 2, kinds[row], labels[row]))
    for i, name in enumerate(OUTPUTS):
        check(features[name][place], reference[f'train_out{i}'], name)
    check(middle.flatten(1), dict(reference['gray'], shape=[4, middle[0].numel()]), 'middle images')
    for name, weight_in_total in dict(id=1, tri=1, dcl=0.2).items():
        expected = weight_in_total * reference['float64_losses'][name]
        assert losses[f'loss_{name}'].item() == pytest.approx(expected, rel=1e-5), name
    evaluated = {f'eval_{kind}_{modality}' for kind in ('pool', 'bn') for modality in ('visible', 'infrared')}
    about = {'gray', 'gray_positive_fraction', 'losses', 'float64_losses', 'keys', 'phase', 'size'}
    assert reference.keys() == {f'train_out{i}' for i in range(8)} | evaluated | about
