import pytest
import torch

from haresreid.models import (
    CFFM,
    Criterion,
    HCTripletLoss,
    HGAEHead,
    HierarchicalFeatureExtractor,
    IDLoss,
    ResNetEncoder,
    TransformerEncoderStage,
    VIReID,
)
from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample


@pytest.fixture
def model() -> VIReID:
    """A narrow HAResformer whose weights are large enough for attention to choose, two layers and two heads a stage."""
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type=VIReID,
            backbone=dict(
                type=HierarchicalFeatureExtractor,
                encoder=dict(type=ResNetEncoder, depth=18, base_channels=8),
                img_size=(96, 48),
                fusion=dict(type=CFFM),
                stage=dict(type=TransformerEncoderStage, num_heads=2, num_layers=2, init_std=0.3, final_norm=True),
            ),  # where a test plants a constant
            head=dict(
                type=HGAEHead,
                num_classes=4,
                stage_channels=(8, 16, 32, 64),
                init_std=0.3,
            ),
            criterion=dict(
                type=Criterion,
                losses=dict(
                    id=dict(type=IDLoss, feature='logits'),
                    aux=dict(type=HCTripletLoss, feature=['cls_4', 'global_agg'], weight=0.5),
                ),
            ),
        )
    ).eval()


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(6, 3, 96, 48, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def batch(images) -> dict:
    """What a data loader gives: two people, visible and infrared."""
    labels = [(0, 0), (0, 0), (1, 0), (0, 1), (1, 1), (1, 1)]
    samples = [
        ReIDDataSample(metainfo=dict(pid=pid, camid=1, gt_label=pid, modality=modality)) for pid, modality in labels
    ]
    return dict(inputs=list(images), data_samples=samples)
