"""Each method of the CNN family, narrow: losses, any order of a batch, one modality at test time."""

from pathlib import Path

import pytest
import torch

from haresreid.config.config import load_config
from haresreid.models import IDLoss, StripeHead
from haresreid.registry import MODELS

CONFIGS = Path(__file__).parents[3] / 'configs/_base_/models'
LOSSES = dict(
    one_stream=['id', 'tri'],
    two_stream=['id', 'tri'],
    zero_padding=['id'],
    bdtr=['id', 'rank'],
    agw=['id', 'wr_tri'],
    caj=['id', 'adp'],
    ddag=['id', 'tri', 'part', 'graph'],
    dmir=['id', 'wr_tri', 'modality', 'orthogonality'],
    dtrm=['id', 'tri', 'part', 'graph'],
    deen=['id', 'tri', 'cpm', 'ort'],
    lba=['id', 'tri', 'ic', 'dense_3', 'dense_4'],
    g2da=['id', 'tri', 'alignment'],
    hc_tri=['id', 'hc_tri', 'hc_tri_stripes'],
    mmd_reid=['id', 'hc_tri', 'mmd'],
    mmn=['id', 'tri', 'dcl'],
    mpanet=['id', 'modality_id', 'kl', 'center', 'separation'],
    x_modality=['id', 'tri', 'gap'],
    hat=['id', 'ranking', 'invariance'],
    uba=['id', 'all_tri', 'all_hc_tri'],
)
SPECIFIC = dict(
    one_stream=0,
    two_stream=1,
    zero_padding=0,
    bdtr=1,
    agw=1,
    caj=1,
    ddag=1,
    dmir=1,
    dtrm=1,
    deen=1,
    lba=1,
    g2da=1,
    hc_tri=2,
    mmd_reid=3,
    mmn=1,
    mpanet=0,
    x_modality=0,
    hat=1,
    uba=0,
)


@pytest.fixture(params=LOSSES)
def method(request) -> str:
    return request.param


@pytest.fixture
def model(method):
    cfg = load_config(str(CONFIGS / f'{method}.py')).model
    cfg.backbone.update(depth=18, base_channels=8, pretrained=None)
    if 'non_local' in cfg.backbone:
        cfg.backbone.non_local = (0, 1, 2, 0)
    cfg.head.num_classes = 6
    if cfg.head.type is StripeHead:
        cfg.neck.update(in_channels=64, channels=8)
        cfg.head.channels = 8
    else:
        cfg.head.in_channels = 64
    if 'cpm' in LOSSES[method]:
        cfg.backbone.dropout = 0.0  # or no two losses would be equal
    if 'dcl' in LOSSES[method]:
        cfg.criterion.losses.dcl.in_channels = 64
    if 'graph' in LOSSES[method]:
        cfg.head.dropout = 0.0  # or no two losses would be equal
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.init_weights()
    return model.train()


def test_the_losses_reach_every_parameter(model, method, images, samples):
    losses = model(images, samples, mode='loss')
    accuracies = {f'acc_{name}' for name, loss in model.criterion.losses.items() if isinstance(loss, IDLoss)}
    assert set(losses) == accuracies | {f'loss_{name}' for name in LOSSES[method]}
    assert all(value.isfinite() for value in losses.values())
    model.parse_losses(losses)[0].backward()
    trained = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert not [name for name, parameter in trained.items() if parameter.grad is None]
    assert model.backbone.num_specific == SPECIFIC[method]


def test_the_loss_does_not_depend_on_the_order_of_the_batch(model, method, images, samples):
    if method == 'lba':  # it draws partners, which one image for each person and modality leaves no choice
        images, samples = images[::2], samples[::2]
    losses = model(images, samples, mode='loss')
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0)).tolist()
    shuffled = model(images[order], [samples[i] for i in order], mode='loss')
    for name in ('loss_dcl', 'loss_alignment'):
        losses.pop(name, None)  # the k-th image of a person with the k-th
    for key, value in losses.items():
        assert shuffled[key].item() == pytest.approx(value.item(), rel=1e-3, abs=1e-4)


def test_an_image_has_one_feature_whatever_it_is_batched_with(model, images, samples):
    model.eval()
    with torch.no_grad():
        together = [sample.pred_feature for sample in model(images, samples, mode='predict')]
        for modality in (0, 1):
            rows = [i for i, sample in enumerate(samples) if sample.modality == modality]
            alone = model(images[rows], [samples[i] for i in rows], mode='predict')
            for row, sample in zip(rows, alone):
                assert torch.allclose(sample.pred_feature, together[row], atol=1e-5)
                assert sample.pred_feature.norm().item() == pytest.approx(1, abs=1e-5)
