import copy

import pytest
import torch

from haresreid.models import (
    CFFM,
    Criterion,
    HCTripletLoss,
    HGAEHead,
    HierarchicalFeatureExtractor,
    IDLoss,
    MMDLoss,
    ReIDDataPreprocessor,
    ResNetEncoder,
    VIReID,
)
from haresreid.structures import ReIDBatch, ReIDDataSample

NARROW = dict(
    type=VIReID,
    data_preprocessor=dict(type=ReIDDataPreprocessor),
    backbone=dict(
        type=HierarchicalFeatureExtractor,
        encoder=dict(type=ResNetEncoder, depth=18, base_channels=8, pretrained=None),
        img_size=(96, 48),
        fusion=dict(type=CFFM),
    ),
    head=dict(
        type=HGAEHead,
        num_classes=6,
        stage_channels=(8, 16, 32, 64),
    ),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits'),
            hc_tri=dict(type=HCTripletLoss, feature='embed', weight=2.0),
            mmd=dict(type=MMDLoss, feature='embed', weight=0.25),
            aux=dict(type=HCTripletLoss, feature=['cls_4', 'global_agg'], weight=0.5),
        ),
    ),
)


@pytest.fixture
def narrow_cfg() -> dict:
    """HAResformer on a narrow ResNet-18 at 96x48, with the paper's losses."""
    return copy.deepcopy(NARROW)


@pytest.fixture
def samples() -> list:
    """Two identities, two images in each modality: visible ones first."""
    labels = [(pid, modality) for modality in (0, 1) for pid in (1, 4) for _ in range(2)]
    return [
        ReIDDataSample(metainfo=dict(pid=pid, camid=1, gt_label=pid, modality=modality)) for pid, modality in labels
    ]


@pytest.fixture
def batch(samples) -> ReIDBatch:
    return ReIDBatch.of(samples)


@pytest.fixture
def images(samples) -> torch.Tensor:
    return torch.randn(len(samples), 3, 96, 48, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def golden_batch():
    """The closed-form features of the reference values, as a function of P, K, the number of modalities and the width.

    Returns features, labels and modalities; the rows of a modality are contiguous.
    """

    def make(num_ids: int, num_instances: int, groups: int = 2, width: int = 16):
        rows = torch.arange(groups * num_ids * num_instances, dtype=torch.float64).unsqueeze(1)
        columns = torch.arange(width, dtype=torch.float64)
        feats = torch.sin(0.7 * (rows + 1) + 0.13 * (columns + 1) * (rows % 5 + 1))
        labels = torch.arange(num_ids).repeat_interleave(num_instances).repeat(groups)
        modalities = torch.arange(groups).repeat_interleave(num_ids * num_instances)
        return feats.requires_grad_(), labels, modalities

    return make


@pytest.fixture
def ragged_batch():
    """Three identities with unequal numbers of images, in no order, and a fourth one that is visible only."""
    generator = torch.Generator().manual_seed(1)
    labels = torch.tensor([0, 2, 1, 0, 2, 2, 1, 0, 1, 7, 7, 2, 1])
    modalities = torch.tensor([0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0])
    feats = torch.randn(len(labels), 24, generator=generator, dtype=torch.float64) + labels.unsqueeze(1)
    return feats, labels, modalities
