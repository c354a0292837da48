"""Each method on a vision transformer, narrow: losses, any order of a batch, features whatever the batch."""

from pathlib import Path

import pytest
import torch

from haresreid.config.config import load_config
from haresreid.models import IDLoss
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

CONFIGS = Path(__file__).parents[3] / 'configs/_base_/models'
LOSSES = dict(
    vit=['id', 'tri'],
    transreid=['id', 'id_local', 'tri', 'tri_local'],
    pmt=['id', 'tri_within', 'tri', 'msel', 'dcl'],
    mip=['id', 'id_local', 'tri', 'tri_local', 'msel', 'msel_local'],
    cmtr=['id', 'wr_tri', 'mae'],
    tvtr=['id', 'circle'],
)
ARCH = dict(embed_dims=24, num_layers=3, num_heads=2, feedforward_channels=48)


@pytest.fixture(params=LOSSES)
def method(request) -> str:
    return request.param


def build(method: str, **options):
    cfg = load_config(str(CONFIGS / f'{method}.py')).model
    cfg.backbone.update(arch=ARCH, img_size=(96, 48), drop_path_rate=0.0, drop_rate=0.0, pretrained=None, **options)
    cfg.head.update(num_classes=6, in_channels=24)
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.init_weights()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):  # of MIP's prompts
            module.p = 0.0
    return model.train()


@pytest.fixture
def model(method):
    return build(method)


def test_the_losses_reach_every_parameter(model, method, images, samples):
    losses = model(images, samples, mode='loss')
    accuracies = {f'acc_{name}' for name, loss in model.criterion.losses.items() if isinstance(loss, IDLoss)}
    assert set(losses) == accuracies | {f'loss_{name}' for name in LOSSES[method]}
    model.parse_losses(losses)[0].backward()
    trained = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert not [name for name, parameter in trained.items() if parameter.grad is None or not parameter.grad.any()]


def test_the_loss_does_not_depend_on_the_order_of_the_batch(model, images, samples):
    losses = model(images, samples, mode='loss')
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0)).tolist()
    shuffled = model(images[order], [samples[i] for i in order], mode='loss')
    for key, value in losses.items():
        assert shuffled[key].item() == pytest.approx(value.item(), rel=1e-3, abs=1e-4)


@pytest.mark.parametrize('options', [{}, dict(num_cameras=6, num_modalities=2), dict(specific_patches=True)])
def test_an_image_has_one_feature_whatever_it_is_batched_with(method, images, samples, options):
    model = build(method, **options).eval()
    with torch.no_grad():
        together = [sample.pred_feature for sample in model(images, samples, mode='predict')]
        for modality in (0, 1):
            rows = [i for i, sample in enumerate(samples) if sample.modality == modality]
            alone = model(images[rows], [samples[i] for i in rows], mode='predict')
            for row, sample in zip(rows, alone):
                assert torch.allclose(sample.pred_feature, together[row], atol=1e-5)
                assert sample.pred_feature.norm().item() == pytest.approx(1, abs=1e-5)


def test_the_loaders_cameras_reach_the_backbone(images, samples):
    """SynVI and SYSU-MM01 number their cameras from 1 to 6."""
    model = build('vit', num_cameras=6)
    seen = []
    model.backbone.register_forward_pre_hook(lambda module, args: seen.append(args[1].cameras.tolist()))
    for camera, sample in enumerate(samples[:6], start=1):
        sample.set_metainfo(dict(camid=camera))
    losses = model.train()(images, samples, mode='loss')
    assert seen == [[1, 2, 3, 4, 5, 6, 1, 1]]
    model.parse_losses(losses)[0].backward()
    assert (model.backbone.camera_embed.grad.abs().amax((1, 2)) > 0).all()


@pytest.mark.parametrize(
    'progress, weights', [(0.2, dict(id=2, tri_within=2)), (0.3, dict(id=2, tri=1, msel=0.5, dcl=0.5))]
)
def test_pmts_loss_has_the_released_codes_terms_in_either_phase(images, samples, progress, weights):
    model, batch = build('pmt'), ReIDBatch.of(samples)
    model.criterion.update_weights(progress, {})
    losses = model(images, samples, mode='loss')
    features = model(images, samples)
    total = sum(value for name, value in losses.items() if name.startswith('loss_'))
    expected = sum(
        weight * model.criterion.losses[name](features['logits' if name == 'id' else 'embed'], batch)
        for name, weight in weights.items()
    )
    assert total.item() == pytest.approx(expected.item(), rel=1e-5)
