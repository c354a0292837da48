"""Graphs of two images aligned by optimal transport (G2DA, Pattern Recognition 2023)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.files.extras import require_extra
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, over_modality_pairs, refuse_batch
from .loss import ReIDLoss

__all__ = ['GraphAlignmentLoss']


@MODELS.register_module()
class GraphAlignmentLoss(ReIDLoss):
    """The fused Gromov-Wasserstein distance (Vayer et al., ICML 2019) of an identity's images across the modalities.

    An image is a graph: its nodes have features, and its edges the cosine distances between these. A transport plan
    moves the nodes of one graph, all of one mass, onto those of the other. Its cost is ``1 - structure`` times the
    cosine distances of the nodes that it joins, and ``structure`` times the squared differences of the edges. POT finds
    the plan, which has no gradient; the cost has one.

    The k-th visible image of an identity meets its k-th infrared one; images left over are left out.

    Args:
        structure (float): Share of the edges, 0 to 1. Defaults to 0.5.

    Raises:
        ValueError: If ``structure`` is no share; in ``forward``, if POT, which training alone needs, is missing.
    """

    def __init__(self, structure: float = 0.5) -> None:
        super().__init__()
        if not 0 <= structure <= 1:
            raise ValueError(f'structure must be a share, 0 to 1, not {structure}.')
        self.structure = structure

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Nodes (N, P, D) of the images, in any order.

        Raises:
            ValueError: If no identity has images of both modalities.
        """
        first, second = _paired_rows(batch)
        if not len(first):
            refuse_batch(self, 'an identity in both modalities', batch)
        nodes = F.normalize(feats, dim=2)
        ours, theirs = nodes[first], nodes[second]  # (n, P, D)
        across = _cosine_distance(ours, theirs)  # (n, P, P)
        edges = _cosine_distance(ours, ours), _cosine_distance(theirs, theirs)
        plan = self._plans(across, *edges)
        apart = (plan * across).sum((1, 2))  # (n,)
        bent = sum((own.square().mean((1, 2)) for own in edges), 0)
        bent = bent - 2 * (edges[0] @ plan @ edges[1] * plan).sum((1, 2))  # edges are symmetric
        return ((1 - self.structure) * apart + self.structure * bent).mean()

    @torch.no_grad()
    def _plans(self, *distances: Tensor) -> Tensor:
        """The transport plan of each pair of graphs, (n, P, P), whose entries sum to one."""
        require_extra('ot', 'transport')
        from ot.gromov import fused_gromov_wasserstein

        count = distances[0].shape[1]
        mass = torch.full((count,), 1 / count, dtype=torch.float64).numpy()
        costs = zip(*(each.double().cpu().numpy() for each in distances))
        plans = [fused_gromov_wasserstein(*cost, mass, mass, alpha=self.structure) for cost in costs]
        return torch.stack([torch.from_numpy(plan) for plan in plans]).to(distances[0])


def _paired_rows(batch: ReIDBatch) -> tuple[Tensor, Tensor]:
    """(n,) rows of one modality, and those that they meet of the other."""
    labels = batch.labels.cpu()
    pairs: list[tuple[int, int]] = []
    kinds = batch.modalities.unique().tolist()
    for label in labels.unique().tolist():
        own = [((labels == label) & (batch.modalities == kind)).nonzero()[:, 0].tolist() for kind in kinds]
        pairs += zip(*own) if len(own) == 2 else ()
    first, second = torch.tensor(pairs, dtype=torch.long).reshape(-1, 2).T.to(batch.labels.device)
    return first, second


def _cosine_distance(ours: Tensor, theirs: Tensor) -> Tensor:
    """(n, P, D) normalised, twice -> (n, P, P)."""
    return 1 - ours @ theirs.transpose(1, 2)
