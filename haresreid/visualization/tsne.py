"""t-SNE of the features of a few people (paper Fig. 7, bottom; van der Maaten and Hinton, JMLR 2008)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from haresreid.evaluation import FeatureSet
from haresreid.files.extras import require_extra
from haresreid.structures import Modality

from .style import COLOURS, COLUMN_WIDTH, PAGE_WIDTH, STYLE, save_figure

__all__ = ['choose_identities', 'draw_tsne', 'tsne_points']

# As in the paper.
MARKERS = {Modality.VISIBLE: '*', Modality.INFRARED: 'o'}
AREAS = {Modality.VISIBLE: 30, Modality.INFRARED: 14}


def choose_identities(feature_set: FeatureSet, num_ids: int, seed: int = 0) -> np.ndarray:
    """Choose random identities with images in both modalities; all of them if there are fewer.

    Args:
        feature_set (FeatureSet): The images.
        num_ids (int): Number of identities.
        seed (int): Seed of the choice. Defaults to 0.

    Returns:
        np.ndarray: At most (num_ids,) identities in ascending order.
    """
    both = np.intersect1d(*(feature_set.pids[feature_set.modalities == modality] for modality in Modality))
    return np.sort(np.random.default_rng(seed).permutation(both)[:num_ids])


def tsne_points(feature_set: FeatureSet, pids: Sequence[int], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Compute a point in the plane for every image of some people.

    Args:
        feature_set (FeatureSet): L2-normalised features.
        pids (Sequence[int]): Identities.
        seed (int): Seed of t-SNE. Defaults to 0.

    Returns:
        tuple[np.ndarray, np.ndarray]: The images' rows in the feature set, (n,), and their points, (n, 2).

    Raises:
        ValueError: If an identity has no image, there are fewer than 4 images, or scikit-learn is not installed.
    """
    require_extra('sklearn', 'figures')
    from sklearn.manifold import TSNE

    unknown = sorted(set(map(int, pids)) - set(feature_set.pids.tolist()))
    if unknown:
        raise ValueError(f'There is no image of the identities {unknown} among {len(feature_set)} images.')
    rows = np.flatnonzero(np.isin(feature_set.pids, pids))  # (n,)
    if len(rows) < 4:
        raise ValueError(f't-SNE needs at least 4 images, and the identities {list(pids)} have {len(rows)}.')
    # For unit vectors, the squared Euclidean distance that t-SNE uses is twice the cosine distance.
    tsne = TSNE(perplexity=min(30, (len(rows) - 1) / 3), init='pca', random_state=seed)
    return rows, tsne.fit_transform(feature_set.features[rows])


@rc_context(STYLE)
def draw_tsne(
    feature_sets: Mapping[str, FeatureSet],
    out_file: str | Path | None = None,
    num_ids: int = 7,
    pids: Sequence[int] | None = None,
    seed: int = 0,
) -> Figure:
    """Draw the same people in each feature set: a colour and a number per identity, a star visible, a circle infrared.

    Args:
        feature_sets (Mapping[str, FeatureSet]): Features by the name of their model; each has a panel.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
        num_ids (int): How many identities to choose at random. Defaults to 7,
            as many as there are colours.
        pids (Sequence[int], optional): The identities, instead of a random choice. Defaults to None.
        seed (int): Seed of the choice and of t-SNE. Defaults to 0.

    Raises:
        ValueError: See :func:`tsne_points`.
    """
    if pids is None:
        pids = choose_identities(next(iter(feature_sets.values())), num_ids, seed)
    several = len(feature_sets) > 1
    width = PAGE_WIDTH if several else COLUMN_WIDTH
    figure = Figure(figsize=(width, width / len(feature_sets) + 0.35), layout='constrained')
    for axes, (name, feature_set) in zip(figure.subplots(1, len(feature_sets), squeeze=False)[0], feature_sets.items()):
        _draw_panel(axes, name, feature_set, *tsne_points(feature_set, pids, seed))
    handles = [
        Line2D(
            [],
            [],
            linestyle='',
            marker=MARKERS[modality],
            color='.3',
            markersize=AREAS[modality] ** 0.5,
            label=modality.name.lower(),
        )
        for modality in Modality
    ]
    figure.legend(handles=handles, loc='outside lower center', ncols=2, frameon=False)
    return save_figure(figure, out_file)


def _draw_panel(axes: Axes, name: str, feature_set: FeatureSet, rows: np.ndarray, points: np.ndarray) -> None:
    for number, pid in enumerate(np.unique(feature_set.pids[rows])):
        colour = COLOURS[number % len(COLOURS)]
        face = colour if number < len(COLOURS) else 'white'  # the next seven people get hollow markers
        mine = feature_set.pids[rows] == pid
        for modality in Modality:
            chosen = mine & (feature_set.modalities[rows] == modality)
            axes.scatter(
                *points[chosen].T,
                s=AREAS[modality],
                marker=MARKERS[modality],
                linewidths=0.7,
                edgecolors=colour,
                facecolors=face,
            )
        # Not everyone sees colours alike, so the number is printed beside the image in the middle of the cloud.
        cloud = points[mine]
        middle = cloud[np.square(cloud - np.median(cloud, axis=0)).sum(axis=1).argmin()]
        axes.annotate(
            str(pid),
            middle,
            (0, 3),
            textcoords='offset points',
            color=colour,
            fontsize=7,
            ha='center',
            fontweight='bold',
            path_effects=[withStroke(linewidth=1.5, foreground='white')],
        )
    axes.set(title=name, xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    axes.set_aspect('equal', adjustable='datalim')
