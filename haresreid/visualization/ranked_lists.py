"""Ranked lists: queries and their nearest gallery images, framed by whether the identity is right (paper Fig. 8)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from haresreid.evaluation import CrossModalProtocol, FeatureSet, score_trial
from haresreid.evaluation.functional import query_blocks, rank_gallery
from haresreid.files.heads import shown
from haresreid.files.images import read_any_rgb
from haresreid.structures import Modality

from .style import PAGE_WIDTH, RIGHT, STYLE, WRONG, save_figure

__all__ = ['choose_queries', 'draw_ranked_lists']


@rc_context(STYLE)
def draw_ranked_lists(
    feature_set: FeatureSet,
    protocol: CrossModalProtocol,
    out_file: str | Path | None = None,
    trial: int = 0,
    queries: str | Sequence[str | int] = 'random',
    num_queries: int = 8,
    seed: int = 0,
    top: int = 10,
) -> Figure:
    """Draw queries and the first images of their ranking.

    Images that the protocol's camera rule hides from a query are skipped, as in the metrics.

    Args:
        feature_set (FeatureSet): Features, and the paths from which images are read.
        protocol (CrossModalProtocol): Defines queries and galleries.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
        trial (int): Gallery draw. Defaults to 0.
        queries (str | Sequence[str | int]): See :func:`choose_queries`. Defaults to 'random'.
        num_queries (int): Number of rows, at most one per identity, unless ``queries`` are listed. Defaults to 8.
        seed (int): Seed of the random choice. Defaults to 0.
        top (int): Gallery images per row. Defaults to 10.

    Raises:
        FileNotFoundError: If an image is not on disk.
        ValueError: See :func:`choose_queries`.
    """
    gallery = protocol.draw(feature_set, trial)[1]
    chosen = choose_queries(feature_set, protocol, trial, queries, num_queries, seed)  # (n,)
    excluded = _excluded(feature_set, protocol, chosen, gallery)  # (n, G)
    ranked = rank_gallery(-feature_set.features[chosen] @ feature_set.features[gallery].T, excluded)  # (n, G)

    matches = [gallery[order[: (~hidden).sum()]][:top] for order, hidden in zip(ranked, excluded)]
    _require_files([feature_set.img_paths[index] for index in np.concatenate([chosen, *matches])])

    # The empty second column separates the query from its gallery images.
    figure = Figure(figsize=(PAGE_WIDTH, PAGE_WIDTH / (top + 1.4) * 2.75 * len(chosen) + 0.3), layout='constrained')
    figure.suptitle(f'{protocol.name}, gallery draw {trial}: queries (left) and their first {top} gallery images')
    figure.get_layout_engine().set(w_pad=0.015, h_pad=0.02, wspace=0, hspace=0, rect=(0.005, 0, 0.99, 1))
    grid = figure.subplots(len(chosen), top + 2, squeeze=False, width_ratios=[1, 0.25] + [1] * top)
    for axes in grid.flat:
        axes.set_axis_off()
    for row, index in enumerate(chosen):
        _draw_image(grid[row, 0], feature_set, index, 'query', 'black')
        for rank, found in enumerate(matches[row], start=1):
            mark, colour = ('✓', RIGHT) if feature_set.pids[found] == feature_set.pids[index] else ('✗', WRONG)
            _draw_image(grid[row, rank + 1], feature_set, found, f'{rank} {mark}', colour)
    return save_figure(figure, out_file, dpi=150)


def choose_queries(
    feature_set: FeatureSet,
    protocol: CrossModalProtocol,
    trial: int = 0,
    queries: str | Sequence[str | int] = 'random',
    num_queries: int = 8,
    seed: int = 0,
) -> np.ndarray:
    """Choose queries that have a match in the gallery.

    Args:
        feature_set (FeatureSet): Features and paths.
        protocol (CrossModalProtocol): Defines queries and galleries.
        trial (int): Gallery draw. Defaults to 0.
        queries (str | Sequence[str | int]): 'random', one per identity; 'hardest', the query with the lowest average
            precision of each identity, worst first; or a list of image paths or rows of the feature set, which are
            taken as they are. Defaults to 'random'.
        num_queries (int): Number of queries, unless they are listed. Defaults to 8.
        seed (int): Seed of the random choice. Defaults to 0.

    Returns:
        np.ndarray: (n,) rows of the feature set.

    Raises:
        ValueError: If no query has a match in the gallery, or a listed query has none.
    """
    query, gallery = protocol.draw(feature_set, trial)
    if queries not in ('random', 'hardest'):
        if isinstance(queries, str):
            raise ValueError(f"queries must be 'random', 'hardest' or a list of paths or rows, got {queries!r}.")
        return _listed(feature_set, protocol, trial, queries)
    valid = query[_valid(feature_set, protocol, query, gallery)]
    if not len(valid):
        raise ValueError(f'{protocol.name}, trial {trial}: no query has a correct image in the gallery to draw.')
    if queries == 'random':
        order = np.random.default_rng(seed).permutation(query)
        first = order[np.sort(np.unique(feature_set.pids[order], return_index=True)[1])]
        return first[np.isin(first, valid)][:num_queries]
    order = valid[np.argsort(_average_precision(feature_set, protocol, valid, gallery), kind='stable')]
    return order[np.sort(np.unique(feature_set.pids[order], return_index=True)[1])][:num_queries]


def _listed(
    feature_set: FeatureSet, protocol: CrossModalProtocol, trial: int, queries: Sequence[str | int]
) -> np.ndarray:
    rows = {path: row for row, path in enumerate(feature_set.img_paths)}
    query, gallery = protocol.draw(feature_set, trial)
    chosen = []
    for name in queries:
        row = rows.get(name) if isinstance(name, str) else name
        if row is None or not 0 <= row < len(feature_set):
            raise ValueError(
                f'{name!r} is not among the {len(feature_set)} images; they are like {feature_set.img_paths[0]!r}.'
            )
        if row not in query:
            raise ValueError(
                f'{feature_set.img_paths[row]} is no query of {protocol.name}, whose queries are '
                f'{protocol.query_modality.name.lower()}.'
            )
        chosen.append(row)
    chosen = np.array(chosen, dtype=np.int64)
    for row in chosen[~_valid(feature_set, protocol, chosen, gallery)]:
        raise ValueError(
            f'{feature_set.img_paths[row]} has no correct image in the gallery of {protocol.name}, trial '
            f'{trial}: no metric counts this query.'
        )
    return chosen


def _average_precision(
    feature_set: FeatureSet, protocol: CrossModalProtocol, query: np.ndarray, gallery: np.ndarray
) -> np.ndarray:
    """Average precision of each query, computed in blocks of bounded memory: (Q,)."""
    pids, camids, features = feature_set.pids, feature_set.camids, feature_set.features
    answers = features[gallery].T  # (D, G)
    return np.concatenate(
        [
            score_trial(
                -features[rows] @ answers, protocol, pids[rows], camids[rows], pids[gallery], camids[gallery]
            ).ap
            for rows in (query[block] for block in query_blocks(len(query), len(gallery)))
        ]
    )


def _valid(feature_set: FeatureSet, protocol: CrossModalProtocol, query: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """(Q,) True where the gallery has an image of the query's identity that the query may see."""
    correct = feature_set.pids[query][:, None] == feature_set.pids[gallery]  # (Q, G)
    return (correct & ~_excluded(feature_set, protocol, query, gallery)).any(axis=1)


def _excluded(
    feature_set: FeatureSet, protocol: CrossModalProtocol, query: np.ndarray, gallery: np.ndarray
) -> np.ndarray:
    excluded = protocol.excluded(
        feature_set.pids[query], feature_set.camids[query], feature_set.pids[gallery], feature_set.camids[gallery]
    )
    return np.zeros((len(query), len(gallery)), dtype=bool) if excluded is None else excluded


def _require_files(paths: list[str]) -> None:
    missing = [path for path in paths if not Path(path).is_file()]
    if missing:
        raise FileNotFoundError(
            f'{len(missing)} of the {len(paths)} images to draw are not on disk, the first is '
            f'{missing[0]}: draw them where the features were computed, from the same folder.'
        )


def _draw_image(axes: Axes, feature_set: FeatureSet, index: int, title: str, colour: str) -> None:
    image = Image.fromarray(shown(read_any_rgb(feature_set.img_paths[index])))
    # One size for all, as the model sees them; PIL size is (width, height).
    axes.imshow(image.resize((72, 144), Image.Resampling.LANCZOS))
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, color=colour, fontsize=7, fontweight='bold', pad=3)
    spectrum = Modality(feature_set.modalities[index]).name.lower()
    axes.set_xlabel(
        f'id {feature_set.pids[index]}\ncam {feature_set.camids[index]}\n{spectrum}', fontsize=6, labelpad=1
    )
    axes.spines[:].set(visible=True, edgecolor=colour, linewidth=2)
