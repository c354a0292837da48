"""Ranked lists: queries and their nearest gallery images, framed by whether the identity is right."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from haresreid.evaluation import CrossModalProtocol, FeatureSet
from haresreid.evaluation.functional import rank_gallery
from haresreid.structures import Modality

__all__ = ['draw_ranked_lists']

# A bluish green and an orange-red, which colour-blind readers tell apart; a tick or a cross says it once more.
RIGHT, WRONG = '#009E73', '#CC3311'


def draw_ranked_lists(feature_set: FeatureSet,
                      protocol: CrossModalProtocol,
                      out_file: str | Path,
                      trial: int = 0,
                      num_queries: int = 8,
                      seed: int = 0,
                      top: int = 10) -> None:
    """Draw random queries, one per identity, and the first images of their ranking.

    Images that the protocol's camera rule hides from a query are skipped, as in the figures.

    Args:
        feature_set (FeatureSet): Features and paths; the images are read from there.
        protocol (CrossModalProtocol): Says what is query and gallery.
        out_file (str | Path): Picture to write; its suffix is the format.
        trial (int): Gallery draw. Defaults to 0.
        num_queries (int): Rows, at most one per identity. Defaults to 8.
        seed (int): Of the choice of queries. Defaults to 0.
        top (int): Gallery images per row. Defaults to 10.

    Raises:
        ValueError: If no query has a correct image in the gallery.
    """
    query, gallery = protocol.draw(feature_set, trial)
    chosen = _choose_queries(feature_set, protocol, query, gallery, seed)[:num_queries]  # (n,)
    if not len(chosen):
        raise ValueError(f'{protocol.name}, trial {trial}: no query has a correct image in the gallery to draw.')
    excluded = _excluded(feature_set, protocol, chosen, gallery)  # (n, G)
    ranked = rank_gallery(-feature_set.features[chosen] @ feature_set.features[gallery].T, excluded)  # (n, G)

    # The empty second column parts the query from its answers.
    figure = Figure(figsize=(.95 * (top + 1.4), 2.35 * len(chosen) + .6), layout='constrained')
    figure.suptitle(f'{protocol.name}, gallery draw {trial}: queries (left) and their first {top} gallery images')
    grid = figure.subplots(len(chosen), top + 2, squeeze=False, width_ratios=[1, .25] + [1] * top)
    for axes in grid.flat:
        axes.set_axis_off()
    for row, index in enumerate(chosen):
        _draw_image(grid[row, 0], feature_set, index, 'query', 'black')
        visible = gallery[ranked[row, :(~excluded[row]).sum()]][:top]
        for rank, found in enumerate(visible, start=1):
            right = feature_set.pids[found] == feature_set.pids[index]
            _draw_image(grid[row, rank + 1], feature_set, found, f'{rank} {"✓" if right else "✗"}', RIGHT if right else WRONG)
    figure.savefig(out_file, dpi=110)


def _choose_queries(feature_set: FeatureSet, protocol: CrossModalProtocol, query: np.ndarray, gallery: np.ndarray,
                    seed: int) -> np.ndarray:
    """One random valid query per identity, in random order."""
    order = np.random.default_rng(seed).permutation(query)
    order = order[np.sort(np.unique(feature_set.pids[order], return_index=True)[1])]
    correct = feature_set.pids[order][:, None] == feature_set.pids[gallery]  # (n, G)
    return order[(correct & ~_excluded(feature_set, protocol, order, gallery)).any(axis=1)]


def _excluded(feature_set: FeatureSet, protocol: CrossModalProtocol, query: np.ndarray,
              gallery: np.ndarray) -> np.ndarray:
    excluded = protocol.excluded(feature_set.pids[query], feature_set.camids[query], feature_set.pids[gallery],
                                 feature_set.camids[gallery])
    return np.zeros((len(query), len(gallery)), dtype=bool) if excluded is None else excluded


def _draw_image(axes: Axes, feature_set: FeatureSet, index: int, title: str, colour: str) -> None:
    with Image.open(feature_set.img_paths[index]) as image:
        # One size for all, as the model sees them; PIL size is (width, height).
        axes.imshow(image.convert('RGB').resize((72, 144), Image.Resampling.LANCZOS))
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, color=colour, fontsize=9, fontweight='bold', pad=3)
    spectrum = Modality(feature_set.modalities[index]).name.lower()
    axes.set_xlabel(f'id {feature_set.pids[index]}\ncam {feature_set.camids[index]}\n{spectrum}', fontsize=7, labelpad=2)
    for spine in axes.spines.values():
        spine.set(edgecolor=colour, linewidth=3)
