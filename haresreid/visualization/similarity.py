"""Cross-modal similarity of images of one person, and of different people (paper Fig. 7, top)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from haresreid.evaluation import FeatureSet
from haresreid.evaluation.functional import query_blocks
from haresreid.structures import Modality

from .style import COLOURS, COLUMN_WIDTH, PAGE_WIDTH, STYLE, save_figure

__all__ = ['SimilarityDistributions', 'draw_similarity', 'similarity_distributions']


@dataclass
class SimilarityDistributions:
    """Histograms of the cosine similarity of all visible-infrared pairs.

    Attributes:
        edges (np.ndarray): (K+1,) edges of the bins, from -1 to 1.
        intra (np.ndarray): (K,) pairs of one identity in each bin.
        inter (np.ndarray): (K,) pairs of two identities.
        intra_mean (float): Mean similarity over the pairs of one identity, not over bins.
        inter_mean (float): The same over pairs of two.
    """

    edges: np.ndarray
    intra: np.ndarray
    inter: np.ndarray
    intra_mean: float
    inter_mean: float

    @property
    def delta(self) -> float:
        """The paper's delta: the difference between the two means."""
        return self.intra_mean - self.inter_mean


def similarity_distributions(feature_set: FeatureSet, bins: int = 100) -> SimilarityDistributions:
    """Compare every visible image with every infrared one, in blocks of bounded memory.

    Args:
        feature_set (FeatureSet): L2-normalised features.
        bins (int): Number of bins K. Defaults to 100.

    Raises:
        ValueError: If there is no pair of one identity, or none of two.
    """
    visible, infrared = (np.flatnonzero(feature_set.modalities == modality) for modality in Modality)
    edges = np.linspace(-1, 1, bins + 1)
    counts, sums = np.zeros((2, bins), dtype=np.int64), np.zeros(2)  # of one identity, of two
    gallery = feature_set.features[infrared].T  # (D, I)
    for rows in query_blocks(len(visible), len(infrared)):
        # Rounding may push the product of two unit vectors beyond the last edge.
        similarity = np.clip(feature_set.features[visible[rows]] @ gallery, -1, 1)  # (b, I)
        same = feature_set.pids[visible[rows]][:, None] == feature_set.pids[infrared]  # (b, I)
        for kind, chosen in enumerate((same, ~same)):
            values = similarity[chosen]
            counts[kind] += np.histogram(values, edges)[0]
            sums[kind] += values.sum(dtype=np.float64)
    pairs = counts.sum(axis=1)
    for number, whose in zip(pairs, ('one identity', 'two identities')):
        if not number:
            raise ValueError(
                f'Among {len(visible)} visible and {len(infrared)} infrared images there is no pair of '
                f'{whose} to compare.'
            )
    return SimilarityDistributions(edges, *counts, *(sums / pairs).tolist())


@rc_context(STYLE)
def draw_similarity(feature_sets: Mapping[str, FeatureSet], out_file: str | Path | None = None) -> Figure:
    """Draw the two distributions of each feature set, their means as dashed lines, and delta.

    Args:
        feature_sets (Mapping[str, FeatureSet]): Features by the name of their model; each has a panel.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.

    Raises:
        ValueError: See :func:`similarity_distributions`.
    """
    distributions = {name: similarity_distributions(feature_set) for name, feature_set in feature_sets.items()}
    several = len(distributions) > 1
    figure = Figure(figsize=(PAGE_WIDTH if several else COLUMN_WIDTH, 2.2), layout='constrained')
    panels = figure.subplots(1, len(distributions), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (name, distribution) in zip(panels, distributions.items()):
        _draw_panel(axes, name, distribution)
    filled = np.flatnonzero(sum(distribution.intra + distribution.inter for distribution in distributions.values()))
    edges = next(iter(distributions.values())).edges
    width = edges[1] - edges[0]
    # a margin of one bin on both sides, but no cosine beyond -1 and 1
    panels[0].set(xlim=(max(-1, edges[filled[0]] - width), min(1, edges[filled[-1] + 1] + width)), ylabel='density')
    # Room above the histograms, where delta stands.
    panels[0].set_ylim(0, 1.22 * max(axes.dataLim.ymax for axes in panels))
    figure.legend(*panels[0].get_legend_handles_labels(), loc='outside lower center', ncols=2, frameon=False)
    return save_figure(figure, out_file)


def _draw_panel(axes: Axes, name: str, distribution: SimilarityDistributions) -> None:
    width = np.diff(distribution.edges)
    for counts, mean, colour, label in (
        (distribution.intra, distribution.intra_mean, COLOURS[0], 'intra-class: one identity'),
        (distribution.inter, distribution.inter_mean, COLOURS[1], 'inter-class: two identities'),
    ):
        density = counts / counts.sum() / width
        axes.stairs(density, distribution.edges, fill=True, color=colour, alpha=0.35, label=label)
        axes.stairs(density, distribution.edges, color=colour, linewidth=0.8)
        axes.axvline(mean, ymax=0.88, color=colour, linestyle='--', linewidth=1)
    axes.annotate(
        '',
        (distribution.intra_mean, 0.88),
        (distribution.inter_mean, 0.88),
        xycoords=('data', 'axes fraction'),
        arrowprops=dict(arrowstyle='<->', shrinkA=0, shrinkB=0, lw=0.8),
    )
    middle = (distribution.intra_mean + distribution.inter_mean) / 2
    axes.text(
        middle, 0.9, f'δ = {distribution.delta:.2f}', transform=axes.get_xaxis_transform(), ha='center', va='bottom'
    )
    axes.set(title=name, xlabel='cosine similarity')
