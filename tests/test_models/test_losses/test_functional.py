import pytest
import torch

from haresreid.models import losses
from haresreid.models.losses import (
    DualConstrainedTopRankingLoss,
    HCTripletLoss,
    HeteroCenterLoss,
    IDLoss,
    MMDLoss,
    WeightedRegularizedTripletLoss,
)
from haresreid.models.losses.functional import modality_centers, pairwise_distance, refuse_batch
from haresreid.structures import ReIDBatch

REFUSED = dict(
    AttractedTripletLoss={'one identity'},
    BatchHardTripletLoss={'one identity'},
    BranchOrthogonalityLoss={'one identity', 'one modality', 'no identity in both'},
    CenterClusterLoss={'one identity'},
    CenterPairMiningLoss={'one identity', 'one modality', 'no identity in both'},
    CenterRankingLoss={'one identity', 'one modality', 'no identity in both'},
    CircleLoss={'one identity', 'one modality', 'no identity in both'},
    ClassMMDLoss={'one modality', 'no identity in both'},
    ContrastiveLoss={'one identity', 'one modality', 'no identity in both'},
    CrossModalityGapLoss={'one identity', 'one modality', 'no identity in both'},
    DiscriminativeCenterLoss={'one identity'},
    DistributionConsistencyLoss={'one identity', 'one modality', 'no identity in both'},
    DualConstrainedTopRankingLoss={'one identity', 'one modality', 'no identity in both'},
    HCTripletLoss={'one identity', 'one modality', 'no identity in both'},
    HeteroCenterLoss={'one modality', 'no identity in both'},
    HomogeneousInvarianceLoss={'one identity', 'one modality', 'no identity in both'},
    IDLoss=set(),
    InfoNCELoss={'one identity', 'one modality', 'no identity in both'},
    MMDLoss={'one modality', 'no identity in both'},
    ModalityAwareEnhancementLoss={'one identity'},
    ModalitySharedEnhancementLoss={'one modality', 'no identity in both'},
    SimilarityPreservingLoss={'one modality', 'no identity in both'},
    SquaredDifferenceTripletLoss={'one identity'},
    TriDirectionalRankingLoss={'one identity', 'one modality', 'no identity in both'},
    UnifiedBatchAllTripletLoss={'one identity'},
    WeightedRegularizedTripletLoss={'one identity'},
)
# these compare an image with itself or another image of it, with clusters, student with teacher, or parts of images;
# or they are of gradients
WITHIN = (
    'AbsoluteDifferenceLoss',
    'ClusterContrastLoss',
    'CrossClusterContrastLoss',
    'DenseTripletLoss',
    'FeatureDistillationLoss',
    'FeatureOrthogonalityLoss',
    'GradientPenaltyLoss',
    'GraphAlignmentLoss',
    'KLDivergenceLoss',
    'LeastSquaresLoss',
    'MaskSeparationLoss',
    'ModalityLoss',
    'SimilarityDistillationLoss',
    'SymmetricKLLoss',
)
COMPARING = [name for name in losses.__all__ if name.endswith('Loss') and name not in ('ReIDLoss', *WITHIN)]


def make_loss(name):
    options = dict(MMDLoss=dict(margin=0), DistributionConsistencyLoss=dict(in_channels=8)).get(name, {})
    return getattr(losses, name)(**options)


def test_pairwise_distance_keeps_small_distances_between_long_vectors():
    x = torch.full((2, 2048), 2.0)
    x[1, 0] += 1e-3
    assert torch.allclose(pairwise_distance(x)[0, 1], torch.tensor(1e-3), rtol=1e-3)
    x = torch.randn(2, 3, 2048)
    expected = torch.tensor([[[(a - b).norm() for b in batch] for a in batch] for batch in x])
    assert torch.allclose(pairwise_distance(x), expected, rtol=1e-5)


def test_pairwise_distance_has_a_finite_gradient_at_zero():
    x = torch.ones(3, 4, requires_grad=True)
    pairwise_distance(x).sum().backward()
    assert torch.equal(x.grad, torch.zeros(3, 4))


def test_modality_centers_are_means_by_label_and_modality(ragged_batch):
    feats, labels, modalities = ragged_batch
    centers, ids, kinds = modality_centers(feats, ReIDBatch.labelled(labels, modalities))
    assert list(zip(ids.tolist(), kinds.tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (7, 0)]
    for center, pid, kind in zip(centers, ids, kinds):
        assert torch.allclose(center, feats[(labels == pid) & (modalities == kind)].mean(0), atol=1e-12)


def test_a_third_modality_is_nobody_elses_second(ragged_batch):
    feats, labels, modalities = ragged_batch
    modalities = torch.where(modalities == 1, 2, modalities)  # 2 * label + 2 would be the next label's visible centre
    centers, ids, kinds = modality_centers(feats, ReIDBatch.labelled(labels, modalities))
    assert list(zip(ids.tolist(), kinds.tolist())) == [(0, 0), (0, 2), (1, 0), (1, 2), (2, 0), (2, 2), (7, 0)]
    for center, pid, kind in zip(centers, ids, kinds):
        assert torch.allclose(center, feats[(labels == pid) & (modalities == kind)].mean(0), atol=1e-12)


@pytest.mark.parametrize('loss', [HCTripletLoss(), HeteroCenterLoss(), MMDLoss(0), DualConstrainedTopRankingLoss()])
def test_cross_modality_losses_are_means_over_the_pairs_of_modalities(loss, ragged_batch):
    feats, labels, modalities = ragged_batch
    feats, labels = torch.cat((feats, feats.flip(1))), labels.repeat(2)
    modalities = torch.cat((modalities, torch.full_like(modalities, 2)))
    batch = ReIDBatch.labelled(labels, modalities)
    pairs = [batch.rows_of(*pair) for pair in ((0, 1), (0, 2), (1, 2))]
    expected = sum(loss(feats[rows], batch.take(rows)) for rows in pairs) / 3
    assert loss(feats, batch).item() == pytest.approx(expected.item())


@pytest.mark.parametrize('name', COMPARING)
def test_a_loss_refuses_a_batch_that_gives_it_nothing_and_pulls_in_every_other(name):
    """A zero without a gradient would look like a loss that is satisfied."""
    loss = make_loss(name)
    batches = {
        'one identity': ([3, 3, 3, 3], [0, 0, 1, 1]),
        'one modality': ([0, 0, 1, 1], [1, 1, 1, 1]),
        'no identity in both': ([0, 0, 1, 1], [0, 0, 1, 1]),
    }
    for kind, (labels, modalities) in batches.items():
        feats = torch.randn(4, 8, generator=torch.Generator().manual_seed(1), requires_grad=True)
        batch = ReIDBatch.labelled(torch.tensor(labels), torch.tensor(modalities))
        if kind in REFUSED[name]:
            with pytest.raises(
                ValueError, match=f'{name} wants .* a batch of 4 .* images with {len(set(labels))} identities'
            ):
                loss(feats, batch)
        else:
            loss(feats, batch).backward()
            assert feats.grad.abs().sum() > 0.1, kind


KINDS = dict(BranchOrthogonalityLoss=6, CenterPairMiningLoss=6, DistributionConsistencyLoss=4)  # modalities, if not 3


@pytest.mark.parametrize('name', COMPARING)
def test_a_loss_of_a_nan_is_nan(name):
    """A finite value would look like features that have collapsed."""
    modalities = torch.arange(KINDS.get(name, 3)).repeat_interleave(4)
    batch = ReIDBatch.labelled(torch.arange(len(modalities)) // 2 % 2, modalities)
    batch = batch._replace(items=batch.items % 8)  # the third modality is made of the visible images
    feats = torch.randn(len(modalities), 8, generator=torch.Generator().manual_seed(0))
    feats[modalities != 1] = torch.nan
    assert make_loss(name)(feats, batch).isnan()


def test_losses_are_float32_islands_under_autocast(ragged_batch):
    feats, labels, modalities = ragged_batch
    feats = feats.bfloat16()
    for loss in (HCTripletLoss(), MMDLoss(0), IDLoss(), WeightedRegularizedTripletLoss()):
        outside = loss(feats.float(), ReIDBatch.labelled(labels, modalities))
        with torch.autocast('cpu', dtype=torch.bfloat16):
            inside = loss(feats, ReIDBatch.labelled(labels, modalities))
        assert inside.dtype == torch.float32
        assert torch.equal(inside, outside)


def test_the_advice_on_a_refused_batch_is_one_that_a_config_takes(batch):
    with pytest.raises(ValueError, match='CrossModalityIdentitySampler, and let its num_ids be 2 or more'):
        refuse_batch(torch.nn.Identity(), 'two identities', batch)
