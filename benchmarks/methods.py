"""A training step of each method beside one whose special parts are plain: the same losses, and both times.

    python benchmarks/methods.py
    python benchmarks/methods.py --methods ddag lba --rounds 30

Plain is what this file writes down: loops over nodes, images, masks, identities or triplets, as the method's
description reads. Everything else is the same code. Both steps of a method start from the same random weights and see
the same batch of people drawn for SynVI, in the narrow config of the method. Dropout is off, since loops would draw it
in another order. Their losses must agree, and in float64 on a smaller batch the gradients too, before a time is
printed. A round runs both, in an order of its own; a ratio is the median over the rounds of the ratio within a round,
with its quartiles.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from types import MethodType

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from train_step import LOSS_TOLERANCE, build, first_gradient, gradient_gap, largest_gap, make_batch

from haresreid.cli.errors import clear_errors
from haresreid.compat.allocator import keep_freed_memory
from haresreid.config.config import image_size, load_config
from haresreid.costs.latency import measure_latencies
from haresreid.models import (
    AlignedResNet,
    BatchHardTripletLoss,
    BranchOrthogonalityLoss,
    CenterClusterLoss,
    CenterPairMiningLoss,
    ClassMMDLoss,
    CrossModalityGapLoss,
    DenseTripletLoss,
    DistributionConsistencyLoss,
    GreyModalityGenerator,
    HomogeneousInvarianceLoss,
    KLDivergenceLoss,
    MaskSeparationLoss,
    PatternHead,
    SimilarityPreservingLoss,
    TriDirectionalRankingLoss,
    UnifiedBatchAllTripletLoss,
    XModalityGenerator,
)
from haresreid.models.backbones.aligned_resnet import AlignedMaps
from haresreid.models.layers import ChannelNonLocal, ModalityBatchNorm2d, ModalityClassifiers, PositionNonLocal
from haresreid.models.layers.dense_correspondence import TEMPERATURE, Aligned, draw_partners
from haresreid.models.layers.graph_attention import GraphAttentionLayer
from haresreid.models.layers.part_attention import PartAttention
from haresreid.structures import Modality, ReIDBatch

CONFIGS = Path(__file__).resolve().parents[1] / 'configs' / 'baselines'
NO_START_WEIGHTS = {'model.backbone.pretrained': None}
SMALL = {'train_dataloader.sampler.num_ids': 3, 'train_dataloader.sampler.num_instances': 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--methods',
        nargs='+',
        choices=METHODS,
        default=list(METHODS),
        metavar='METHOD',
        help=f'of {", ".join(METHODS)}; default: all',
    )
    parser.add_argument('--rounds', type=int, default=10, help='at least 1; default: 10')
    args = parser.parse_args()
    print(
        f'{torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads, PyTorch {torch.__version__}\n\n'
        '| method | images | ours, ms | plain, ms | ours is faster by | losses apart | gradients apart |\n'
        f'|---|{6 * "--:|"}',
        flush=True,
    )
    for method in args.methods:
        print(row(method, args.rounds), flush=True)


def row(method: str, rounds: int) -> str:
    """A line of the table: ours and plain compared, then timed."""
    gradients = gradient_gap(*(first_gradient(Step(method, plain, SMALL)) for plain in (False, True)))
    ours, plain = (Step(method, plain) for plain in (False, True))
    latencies = measure_latencies(dict(ours=ours, plain=plain), rounds, warmup=2)
    losses = largest_gap(ours.losses, plain.losses, LOSS_TOLERANCE)
    seconds = [latencies[name].seconds for name in ('ours', 'plain')]
    low, median, high = np.percentile(seconds[1] / seconds[0], (25, 50, 75))
    milliseconds = ' | '.join(f'{1000 * np.median(each):.0f}' for each in seconds)
    return (
        f'| {method} | {len(ours.images)} | {milliseconds} | {median:.2f} ({low:.2f} to {high:.2f}) | {losses:.1e} | '
        f'{gradients:.1e} |'
    )


class Step:
    """A training step of a method's narrow config on one batch, always the same, with the same random draws.

    Args:
        method (str): A key of METHODS.
        plain (bool): Whether the method's parts are replaced.
        overrides (dict, optional): Config entries. Defaults to None.
    """

    def __init__(self, method: str, plain: bool, overrides: dict | None = None) -> None:
        keep_freed_memory()
        cfg = load_config(str(CONFIGS / f'{method}_synth.py'), NO_START_WEIGHTS | (overrides or {}))
        self.model, self.wrapper = build(cfg, plain=False)
        # a weight that waits for the first epoch's losses, as DDAG's, is 0 without them
        self.model.criterion.update_weights(1.0, dict.fromkeys(self.model.criterion.losses, 1.0))
        for module in self.model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
            if isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.weight, 1, 0.1)  # that of a block that starts as the identity is 0
        if plain:
            replace(self.model, METHODS[method])
        sampler = cfg.train_dataloader.sampler
        self.batch = make_batch(sampler.num_ids, sampler.num_instances, image_size(cfg))
        self.images = torch.stack(self.batch['inputs'])
        self.losses: dict[str, Tensor] = {}  # of the first call

    def __call__(self) -> None:
        torch.manual_seed(0)
        losses = self.model.train_step(self.batch, self.wrapper)
        self.losses = self.losses or {name: value.detach() for name, value in losses.items() if 'loss' in name}


def replace(model: nn.Module, parts: dict[Callable, Callable]) -> None:
    """Put plain functions in the place of methods of the model's modules."""
    for method, plain in parts.items():
        name = method.__name__
        modules = [module for module in model.modules() if getattr(type(module), name, None) is method]
        if not modules:
            raise ValueError(f'the model has no {method.__qualname__} that {plain.__name__} could replace.')
        for module in modules:
            setattr(module, name, MethodType(plain, module))


# DDAG


def part_attention(self: PartAttention, x: Tensor, feat: Tensor) -> Tensor:
    """Image by image, part by part."""
    rows = []
    for image, total in zip(x, feat):  # (C, h, w), (C,)
        parts = F.adaptive_avg_pool2d(image, (len(self.gate), 1))  # (C, P, 1)
        queries, keys, values = (conv(parts).flatten(1).T for conv in (self.query, self.key, self.value))  # (P, C)
        for share, query in zip(self.gate.softmax(0), queries):
            attention = torch.stack([query @ key for key in keys]).softmax(0)  # (P,)
            total = total + share * sum(weight * value for weight, value in zip(attention, values))
        rows.append(total)
    return self.norm(torch.stack(rows))


def graph_attention(self: GraphAttentionLayer, nodes: Tensor, edges: Tensor) -> Tensor:
    """Node by node, each with the pairs that it makes with its neighbours."""
    hidden, rows = nodes @ self.W, []
    for own, neighbours in zip(hidden, edges):
        others = hidden[neighbours]  # (M, D)
        pairs = torch.cat((own.expand_as(others), others), dim=1)  # (M, 2 D)
        attention = F.leaky_relu(pairs @ self.a, 0.2).softmax(0)  # (M, 1)
        rows.append((attention * others).sum(0))
    return torch.stack(rows)


# LbA


def aligned_resnet(self: AlignedResNet, inputs: Tensor, batch: ReIDBatch) -> tuple[AlignedMaps, ReIDBatch]:
    """The same but for :func:`align`."""
    *stages, last_stage = self.encoder_stages
    x = inputs
    for stage in stages:
        x = stage(x, batch)
    last = last_stage(x, batch)
    layer3, layer4 = (align(maps, *draw_partners(batch)) for maps in (x, last))
    return AlignedMaps(layer3, layer4, last_stage(layer3.positive, batch), last), batch


def align(maps: Tensor, positive: Tensor, negative: Tensor) -> Aligned:
    """Image by image."""
    positives, negatives, comasks = [], [], []
    for own, *partners in zip(maps, maps[positive], maps[negative]):  # (C, h, w) each
        mask = stretched(own.detach().norm(dim=0))  # (h, w)
        matchings = [
            (TEMPERATURE * F.normalize(own.flatten(1), dim=0).T @ F.normalize(other.flatten(1), dim=0)).softmax(1)
            for other in partners
        ]  # (h w, h w) each
        for other, matching, rows in zip(partners, matchings, (positives, negatives)):
            warped = (matching @ other.flatten(1).T).T.view_as(own)  # (C, h, w)
            rows.append(mask * warped + (1 - mask) * own)
        seen = matchings[0] @ stretched(partners[0].detach().norm(dim=0)).flatten()  # (h w,)
        comasks.append(stretched(mask * seen.view_as(mask)).detach())
    return Aligned(maps, *map(torch.stack, (positives, negatives, comasks)))


def stretched(mask: Tensor) -> Tensor:
    """To the range from 0 to 1."""
    mask = mask - mask.min()
    return mask / (mask.max() + 1e-12)


def dense_triplet(
    self: DenseTripletLoss, batch: ReIDBatch, own: Tensor, positive: Tensor, negative: Tensor, comask: Tensor
) -> Tensor:
    """Image by image."""
    terms = []
    for image, one, other, mask in zip(own, positive, negative, comask):
        hinge = (image - one + 1e-6).norm(dim=0) - (image - other + 1e-6).norm(dim=0) + self.margin  # (h, w)
        terms.append((mask * hinge.clamp(min=0)).mean())
    return torch.stack(terms).mean()


# X-modality and HAT


def third_modality(
    self: XModalityGenerator | GreyModalityGenerator, images: Tensor, batch: ReIDBatch
) -> tuple[Tensor, ReIDBatch]:
    """Image by image."""
    visible = [row for row, modality in enumerate(batch.modalities) if modality == Modality.VISIBLE]
    made = [self.translate(images[row : row + 1]) for row in visible]  # (1, 3, H, W) each
    batch = batch.take(torch.tensor([*range(len(images)), *visible]))
    batch.modalities[len(images) :] = 2
    return torch.cat((images, *made)), batch


def batch_hard(self: BatchHardTripletLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Anchor by anchor."""
    everyone = tuple(batch.modalities.unique().tolist())
    blocks = []
    for anchors, candidates in self.blocks or [(everyone, everyone)]:
        columns, terms = batch.rows_of(*candidates), []
        for anchor in batch.rows_of(*anchors):
            distance = (feats[columns] - feats[anchor]).norm(dim=1)  # (L,)
            same = batch.labels[columns] == batch.labels[anchor]
            terms.append((self.margin + distance[same].max() - distance[~same].min()).clamp(min=0))
        blocks.append(torch.stack(terms).mean())
    return torch.stack(blocks).mean()


def centers_of(feats: Tensor, batch: ReIDBatch, modality: int) -> dict[int, Tensor]:
    """The centre of each identity in one modality, (D,)."""
    ids, kinds = batch.labels.tolist(), batch.modalities
    return {pid: feats[(batch.labels == pid) & (kinds == modality)].mean(0) for pid in sorted(set(ids))}


def modality_gap(self: CrossModalityGapLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Identity by identity."""
    total, infrared = 0, centers_of(feats, batch, Modality.INFRARED)
    for modality in (Modality.VISIBLE, 2):
        others, terms = centers_of(feats, batch, modality), []
        for pid in infrared:
            apart = [(infrared[pid] - others[other]).norm() for other in others if other != pid]
            apart += [(infrared[other] - others[pid]).norm() for other in others if other != pid]
            nearest = torch.stack(apart).min()
            terms.append((self.margin + (infrared[pid] - others[pid]).norm() - nearest).clamp(min=0))
        total = total + torch.stack(terms).mean()
    return total


def tri_directional(self: TriDirectionalRankingLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Anchor by anchor."""
    terms = []
    for feat, label, modality in zip(feats, batch.labels, batch.modalities):
        distance = (feats - feat).norm(dim=1)  # (N,)
        # the cycle of visible, infrared and grey, which are 0, 1 and 2
        to_positive = distance[(batch.labels == label) & (batch.modalities == (modality + 1) % 3)]
        to_negative = distance[(batch.labels != label) & (batch.modalities == (modality + 2) % 3)]
        of_positives, of_negatives = (to_positive - to_positive.max()).exp(), (-to_negative).exp()
        hardest_positive = of_positives @ to_positive / (of_positives.sum() + 1e-6)
        hardest_negative = of_negatives @ to_negative / (of_negatives.sum() + 1e-6)
        terms.append(F.softplus(hardest_positive - hardest_negative))
    return torch.stack(terms).mean()


def invariance(self: HomogeneousInvarianceLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Image by image."""
    terms = []
    for row in batch.rows_of(Modality.VISIBLE):
        (made,) = feats[(batch.items == batch.items[row]) & (batch.modalities == 2)]
        terms.append(F.smooth_l1_loss(feats[row], made))
    return torch.stack(terms).mean()


# UBA


def batch_all(self: UnifiedBatchAllTripletLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Anchor by anchor, all pairs of a positive and a negative."""
    labels = batch.labels
    if self.centers:
        centers = [centers_of(feats, batch, modality) for modality in Modality]
        feats = torch.stack([center for part in centers for center in part.values()])
        labels = torch.tensor([pid for part in centers for pid in part])
    terms = []
    for anchor, feat in enumerate(feats):
        cosine = F.cosine_similarity(feats, feat, dim=1)  # (N,)
        same = labels == labels[anchor]
        positives = cosine[same & (torch.arange(len(labels)) != anchor)]
        total = 1 + sum((self.scale * (cosine[~same] - each + self.margin)).exp().sum() for each in positives)
        terms.append(total.log())
    return torch.stack(terms).mean()


# MPANet


def pattern_embeddings(self: PatternHead, feats: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Mask by mask."""
    x = feats[-1]
    masks = self.masks(x).sigmoid()  # (B, P, h, w)
    parts = [(x * mask.unsqueeze(1)).mean((2, 3)) for mask in masks.unbind(1)]  # (B, D) each
    return dict(embed=torch.cat((*parts, x.mean((2, 3))), dim=1), masks=masks.flatten(2))


def mask_separation(self: MaskSeparationLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Image by image, pair by pair."""
    count = feats.size(1)
    pairs = [(one, other) for other in range(count) for one in range(other)]
    return sum(masks[one] @ masks[other] for masks in feats for one, other in pairs) / (len(pairs) * len(feats))


def center_cluster(self: CenterClusterLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Image by image, and centre by centre."""
    centers = {pid: feats[batch.labels == pid].mean(0) for pid in batch.labels.tolist()}
    pull = sum((feat - centers[pid]).norm() for feat, pid in zip(feats, batch.labels.tolist())) / len(feats)
    apart = [(centers[one] - centers[other]).norm() for one in centers for other in centers if one != other]
    return pull + sum((self.margin - distance).clamp(min=0) for distance in apart) / len(apart)


def modality_classifiers(self: ModalityClassifiers, feats: Tensor, batch: ReIDBatch) -> tuple[Tensor, Tensor]:
    """Row by row."""
    with torch.no_grad():
        self._update_means()
    classifiers, means = (self.visible, self.infrared), (self.visible_mean, self.infrared_mean)
    own = [classifiers[modality](feat) for feat, modality in zip(feats, batch.modalities)]
    other = [F.linear(feat, means[1 - modality]).detach() for feat, modality in zip(feats, batch.modalities)]
    return torch.stack(own), torch.stack(other)


def kl_divergence(self: KLDivergenceLoss, batch: ReIDBatch, feats: Tensor, target: Tensor) -> Tensor:
    """Row by row."""
    terms = []
    for own, other in zip(feats, target):
        terms.append((own.softmax(0) * (own.softmax(0).log() - other.softmax(0).log())).sum())
    return torch.stack(terms).mean()


# CM-NAS


def modality_norm(self: ModalityBatchNorm2d, x: Tensor) -> Tensor:
    """Each modality written into its rows of the result."""
    result = torch.empty_like(x)
    for modality, norm in zip(Modality, (lambda rows: nn.BatchNorm2d.forward(self, rows), self.infrared)):
        rows = self.passing.batch.modalities == modality
        result[rows] = norm(x[rows])
    return result


def similarity_preserving(self: SimilarityPreservingLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Row by row of the Gram matrices."""
    grams = []
    for modality in Modality:
        rows = [row for pid in batch.labels.unique() for row in batch.rows_of(modality) if batch.labels[row] == pid]
        gram = [torch.stack([feats[row] @ feats[other] for other in rows]) for row in rows]  # (M,) each
        grams.append([similarities / similarities.norm() for similarities in gram])
    return torch.stack([(one - other).square().mean() for one, other in zip(*grams)]).mean()


def class_mmd(self: ClassMMDLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Identity by identity."""
    terms = []
    for pid in batch.labels.unique():
        visible, infrared = (
            F.normalize(feats[(batch.labels == pid) & (batch.modalities == modality)]) for modality in Modality
        )
        within = [(kind @ kind.T).square().mean() for kind in (visible, infrared)]
        terms.append(sum(within) - 2 * (visible @ infrared.T).square().mean())
    return torch.stack(terms).mean()


# MMN


def distribution_consistency(self: DistributionConsistencyLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Pair by pair; the projector's norms see all middle images of the stripe."""
    rows = torch.cat((batch.rows_of(2), batch.rows_of(3)))
    projected = dict(zip(rows.tolist(), F.normalize(self.projector(F.normalize(feats[rows])))))
    terms = []
    for pid in batch.labels.unique():
        visible, infrared = (
            [row for row in batch.rows_of(modality).tolist() if batch.labels[row] == pid] for modality in (2, 3)
        )
        terms += [(projected[one] - projected[other]).norm() for one, other in zip(visible, infrared)]
    return torch.stack(terms).mean()


# DEEN


def channel_non_local(self: ChannelNonLocal, high: Tensor, low: Tensor) -> Tensor:
    """Image by image."""
    rows = []
    for own, below in zip(high, low):
        theta, phi, g = self.theta(own).flatten(1), self.phi(below).flatten(1), self.g(below).flatten(1)
        rows.append((theta @ phi.T / len(g) @ g).view_as(below))
    return high + self.out(torch.stack(rows))


def position_non_local(self: PositionNonLocal, high: Tensor, low: Tensor) -> Tensor:
    """Image by image, with the matrix of halves of positions."""
    rows = []
    for own, below in zip(high, low):
        theta, phi, g = self.theta(own), self.phi(below), self.g(below)
        count = 2 * len(theta)
        left, middle, right = (values.reshape(count, -1) for values in (theta, phi, g))  # (L, N/2) each
        affinity = left.T @ middle / middle.size(1)  # (N/2, N'/2)
        rows.append((affinity @ right.T).T.reshape(theta.shape))
    return high + self.out(torch.stack(rows))


def center_pair_mining(self: CenterPairMiningLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Identity by identity."""
    total, groups = 0, [centers_of(feats, batch, modality) for modality in range(6)]
    for anchor, base, expanded in ((1, 0, 2), (0, 1, 3), (1, 0, 4), (0, 1, 5)):
        for pid in groups[0]:
            across = (groups[anchor][pid] - groups[expanded][pid]).norm()
            within = (groups[base][pid] - groups[expanded][pid]).norm().detach()
            hinges = [(across - within + self.margin).clamp(min=0)]
            for group in (groups[expanded], groups[base]):
                nearest = torch.stack([(group[pid] - group[other]).norm() for other in group if other != pid]).min()
                hinges.append((across - nearest + self.margin).clamp(min=0) / 2)
            total = total + sum(hinges) / len(groups[0]) / 2
    return total


def branch_orthogonality(self: BranchOrthogonalityLoss, feats: Tensor, batch: ReIDBatch) -> Tensor:
    """Image by image."""
    total = 0
    for item in batch.items.unique():
        own = batch.items == item
        (first,), (second,) = (feats[own & batch.is_of(*pair)] for pair in ((2, 3), (4, 5)))
        total = total + first @ second
    return total / len(feats)


METHODS = {
    'ddag': {PartAttention.forward: part_attention, GraphAttentionLayer.forward: graph_attention},
    'lba': {AlignedResNet.forward: aligned_resnet, DenseTripletLoss.forward: dense_triplet},
    'x_modality': {
        XModalityGenerator.forward: third_modality,
        BatchHardTripletLoss.forward: batch_hard,
        CrossModalityGapLoss.forward: modality_gap,
    },
    'hat': {
        GreyModalityGenerator.forward: third_modality,
        TriDirectionalRankingLoss.forward: tri_directional,
        HomogeneousInvarianceLoss.forward: invariance,
    },
    'uba': {UnifiedBatchAllTripletLoss.forward: batch_all},
    'mpanet': {
        PatternHead.embeddings: pattern_embeddings,
        MaskSeparationLoss.forward: mask_separation,
        CenterClusterLoss.forward: center_cluster,
        ModalityClassifiers.forward: modality_classifiers,
        KLDivergenceLoss.forward: kl_divergence,
    },
    'cm_nas_separate': {
        ModalityBatchNorm2d.forward: modality_norm,
        BatchHardTripletLoss.forward: batch_hard,
        SimilarityPreservingLoss.forward: similarity_preserving,
        ClassMMDLoss.forward: class_mmd,
    },
    'mmn': {BatchHardTripletLoss.forward: batch_hard, DistributionConsistencyLoss.forward: distribution_consistency},
    'deen': {
        ChannelNonLocal.forward: channel_non_local,
        PositionNonLocal.forward: position_non_local,
        CenterPairMiningLoss.forward: center_pair_mining,
        BranchOrthogonalityLoss.forward: branch_orthogonality,
    },
}


if __name__ == '__main__':
    with clear_errors():
        main()
