"""The contract carries a new method by its own parts and config alone; here are three, each as small as it can be."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.dataset import Compose
from mmengine.optim import OptimWrapper
from torch import Tensor, nn

from haresreid.datasets import PackReIDInputs, PlanarNormalize
from haresreid.deploy.deployed_model import DeployedModel
from haresreid.engine import LossWeightHook
from haresreid.models import BNNeckHead, Criterion, HCTripletLoss, IDLoss, Ramp, ReIDLoss, TwoStreamResNet, VIReID
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

CNN = dict(
    type=VIReID,
    backbone=dict(type=TwoStreamResNet, depth=18, base_channels=8, num_specific=0),
    head=dict(type=BNNeckHead, num_classes=6, in_channels=64),
    criterion=dict(
        type=Criterion,
        losses=dict(id=dict(type=IDLoss, feature='logits'), hc_tri=dict(type=HCTripletLoss, feature='embed')),
    ),
)


class MarginHead(BNNeckHead):
    """Takes a margin off the logit of each row's own class."""

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        features = super().forward(feats, batch)
        if self.training:
            own = nn.functional.one_hot(batch.labels, self.num_classes)  # (N, C)
            features['margin_logits'] = features['logits'] - 0.2 * own
        return features


class TriplingNeck(nn.Module):
    """Three variants of each row in training, as DEEN's: (N, D, h, w) -> (3 N, D, h, w)."""

    def __init__(self, always: bool = False) -> None:
        super().__init__()
        self.always = always
        self.scale = nn.Parameter(torch.ones(2))

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> tuple[tuple[Tensor, ...], ReIDBatch]:
        if not (self.training or self.always):
            return feats, batch
        x = feats[-1]
        return (torch.cat((x, self.scale[0] * x, self.scale[1] * x.flip(-1))),), batch.repeat(3)


class SpreadLoss(ReIDLoss):
    """How far the rows of an item are from their mean, of two features at once."""

    def forward(self, batch: ReIDBatch, feats: Tensor, normed: Tensor) -> Tensor:
        both = torch.cat((feats, normed), dim=1)  # (3 N, 2 D)
        items = torch.stack([both[batch.items == item].var(0).mean() for item in batch.items.unique()])  # (N,)
        return torch.exp(-items).mean()


class MiddleModality(nn.Module):
    """Grey images between the two modalities beside the images, in training: (N, 3, H, W) -> (2 N, 3, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(3, 3, 1)

    def forward(self, images: Tensor, batch: ReIDBatch) -> tuple[Tensor, ReIDBatch]:
        if not self.training:
            return images, batch
        return torch.cat((images, self.mix(images))), batch.repeat(2, modality=2)


def margin_head() -> dict:
    ramp = dict(type=Ramp, to=2.0, begin=0.5, end=1.0)
    losses = dict(CNN['criterion']['losses'], margin=dict(type=IDLoss, feature='margin_logits', weight=ramp))
    return dict(CNN, head=dict(CNN['head'], type=MarginHead), criterion=dict(type=Criterion, losses=losses))


def tripling_neck() -> dict:
    spread = dict(type=SpreadLoss, features=dict(feats='embed', normed='bn_embed'), weight=0.1)
    losses = dict(CNN['criterion']['losses'], spread=spread)
    return dict(CNN, neck=dict(type=TriplingNeck), criterion=dict(type=Criterion, losses=losses))


def middle_modality() -> dict:
    return dict(CNN, generator=dict(type=MiddleModality))


METHODS = [margin_head, tripling_neck, middle_modality]


def build(cfg: dict) -> VIReID:
    torch.manual_seed(0)
    model = MODELS.build(cfg)
    model.test_pipeline = Compose([PlanarNormalize(mean=(0, 0, 0), std=(255, 255, 255)), PackReIDInputs()])
    return model


def train_step(model: VIReID, images: Tensor, samples: list) -> dict[str, Tensor]:
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01))
    return model.train().train_step(dict(inputs=list(images), data_samples=samples), wrapper)


@pytest.mark.parametrize('method', METHODS)
def test_it_trains_a_step_that_reaches_every_parameter(method, images, samples):
    model = build(method())
    before = {name: value.clone() for name, value in model.named_parameters() if value.requires_grad}
    log = train_step(model, images, samples)
    assert set(log) >= {'loss', 'loss_id', 'loss_hc_tri', 'acc_id'} and all(value.isfinite() for value in log.values())
    assert not [name for name, value in before.items() if torch.equal(model.get_parameter(name), value)]


@pytest.mark.parametrize('method', METHODS)
def test_it_predicts_a_row_for_every_image_and_exports(method, images, samples):
    model = build(method()).eval()
    with torch.no_grad():
        predicted = model.test_step(dict(inputs=list(images), data_samples=samples))
    features = torch.stack([sample.pred_feature for sample in predicted])
    assert features.shape == (len(images), 64) and torch.allclose(features.norm(dim=1), torch.ones(len(images)))

    pixels = torch.randint(256, (2, 96, 48, 3), dtype=torch.uint8)
    deployed = DeployedModel(model).eval()
    shapes = dict(images={0: torch.export.Dim('batch')})
    program = torch.export.export(deployed, (pixels,), dynamic_shapes=shapes).module()
    many = torch.cat((pixels, pixels.flip(0), pixels))
    with torch.no_grad():
        assert torch.allclose(program(many), deployed(many), atol=1e-5)


def test_how_copies_are_joined_is_one_of_three():
    with pytest.raises(ValueError, match="join_copies must be None, 'sum' or 'concat', not 'mean'"):
        build(dict(CNN, join_copies='mean'))


def test_the_head_sees_the_labels_and_the_weight_follows_the_training(images, samples):
    model, hook = build(margin_head()), LossWeightHook()
    ratios = []
    for iteration in (0, 50, 75, 100):
        hook.before_train_iter(SimpleNamespace(model=model, iter=iteration, max_iters=100), 0)
        log = train_step(model, images, samples)
        assert log['loss_margin'] == 0 or log['loss_margin'] / model.criterion.weights['margin'] > log['loss_id']
        ratios.append(model.criterion.weights['margin'])
    assert ratios == [0.0, 0.0, 1.0, 2.0] and 'acc_margin' in log


def test_all_rows_of_the_neck_count_in_the_losses(images, samples, batch):
    model = build(tripling_neck()).train()
    _, tripled = model.extract_feat(images, batch)
    assert tripled.labels.tolist() == batch.labels.tolist() * 3 and tripled.items.tolist() == list(range(8)) * 3
    assert model(images, samples, mode='tensor')['logits'].shape == (24, 6)
    assert model(images, samples, mode='loss')['loss_spread'] > 0


def test_a_neck_that_multiplies_rows_at_test_time_is_refused(images, samples):
    model = build(dict(CNN, neck=dict(type=TriplingNeck, always=True))).eval()
    with pytest.raises(
        ValueError, match='makes 24 rows of 8 images, .* let the part that multiplies rows do it in train'
    ):
        model(images, samples, mode='predict')
    with pytest.raises(ValueError, match='makes 6 rows of 2 images'):
        DeployedModel(model).eval()(torch.zeros(2, 96, 48, 3, dtype=torch.uint8))


def test_the_middle_modality_is_one_of_three_in_the_losses(images, samples, batch):
    model = build(middle_modality()).train()
    _, rows = model.extract_feat(images, batch)
    assert rows.modalities.tolist() == [*batch.modalities.tolist(), *[2] * 8]
    features = model(images, samples, mode='tensor')
    pairs = [rows.rows_of(*pair) for pair in ((0, 1), (0, 2), (1, 2))]
    expected = sum(HCTripletLoss()(features['embed'][chosen], rows.take(chosen)) for chosen in pairs) / 3
    torch.testing.assert_close(model.criterion(features, rows)['loss_hc_tri'], expected)


def test_a_two_stream_backbone_says_that_it_has_no_stream_for_it(images, samples):
    cfg = dict(middle_modality(), backbone=dict(CNN['backbone'], num_specific=1))
    with pytest.raises(ValueError, match='some of the rows are neither visible nor infrared: .* or share all parts'):
        build(cfg).train()(images, samples, mode='loss')
