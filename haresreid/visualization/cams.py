"""Grad-CAMs over the images of people: stage by stage, or model beside model (paper Figs. 1d, 2 and 8)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from mmcv.transforms import Normalize
from mmengine.dataset import Compose, pseudo_collate
from torch import Tensor
from tqdm import tqdm

from haresreid.datasets.vireid_dataset import VIReIDDataset
from haresreid.files.heads import shown
from haresreid.models import VIReID
from haresreid.structures import Modality, ReIDDataSample

from .grad_cam import CamLayer, cam_features, cam_layers, grad_cam
from .style import PAGE_WIDTH, STYLE, save_figure

__all__ = ['choose_cam_images', 'draw_cams']

# Lightness grows with the weight, so the map is readable in print and for colour-blind readers.
COLOUR_MAP = 'inferno'
# Number of images whose mean feature represents the person in the other modality.
MAX_REFERENCES = 8
# Inches, for the text left of the images and the colour bar right of them.
MARGIN = 1.2


def choose_cam_images(dataset: VIReIDDataset, num_people: int = 3, seed: int = 0) -> list[int]:
    """Choose random people, and a visible and an infrared image of each.

    Args:
        dataset (VIReIDDataset): A test set.
        num_people (int): Number of people, among those with images in both modalities. Defaults to 3.
        seed (int): Seed of the choice. Defaults to 0.

    Returns:
        list[int]: Rows of the data set. A person's two images are adjacent, the visible one first.
    """
    rng = np.random.default_rng(seed)
    both = np.intersect1d(*(dataset.pids[dataset.modalities == modality] for modality in Modality))
    return [
        int(rng.choice(np.flatnonzero((dataset.pids == pid) & (dataset.modalities == modality))))
        for pid in rng.permutation(both)[:num_people]
        for modality in Modality
    ]


@rc_context(STYLE)
def draw_cams(
    models: Mapping[str, VIReID],
    dataset: VIReIDDataset,
    rows: Sequence[int],
    out_file: str | Path | None = None,
    layers: Sequence[str] | None = None,
) -> Figure:
    """Draw one row per image and one column per model and layer, each map over the grey image.

    A map shows what makes the image similar to the mean feature of the person's images in the other modality (at most
    eight), see :func:`cam_layers`. It is drawn over the image as the model sees it, resized by the model's own
    pipeline. An empty set (∅) marks a map that is zero everywhere: nothing there speaks for the person.

    Args:
        models (Mapping[str, VIReID]): Models of :func:`haresreid.apis.init_model` by the name to show.
        dataset (VIReIDDataset): The test set.
        rows (Sequence[int]): Its rows to draw.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
        layers (Sequence[str], optional): Names of :func:`cam_layers`. Defaults to None: all layers of a single model,
            or the last layer of each of several models.

    Raises:
        ValueError: If a model lacks a layer, or a person has no image in the other modality.
    """
    columns = [
        (name, model, layer)
        for name, model in models.items()
        for layer in _choose_layers(name, model, layers, len(models) > 1)
    ]
    others = [_other_modality(dataset, row) for row in rows]
    first = next(iter(models.values()))
    pictures = [shown(_shown(first, dataset, row)) for row in rows]  # (H, W, 3) each
    references: dict[tuple[str, str], Tensor] = {}
    maps = []
    for name, model, layer in tqdm(columns, desc='Grad-CAM', disable=None):
        place = cam_layers(model)[layer]
        if (name, place.feature) not in references:
            references[name, place.feature] = _references(model, dataset, others, place)
        inputs, data_samples = _load(model, dataset, rows)
        maps.append(grad_cam(model, inputs, data_samples, references[name, place.feature], place))  # (n, H, W)

    width = min(0.8, (PAGE_WIDTH - MARGIN) / (len(columns) + 1))
    height = width * pictures[0].shape[0] / pictures[0].shape[1]
    figure = Figure(
        figsize=(width * (len(columns) + 1) + MARGIN, (height + 0.03) * len(rows) + 0.4), layout='constrained'
    )
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.015, wspace=0, hspace=0, rect=(0.01, 0, 0.98, 1))
    grid = figure.subplots(len(rows), len(columns) + 1, squeeze=False)
    for line, (row, picture) in enumerate(zip(rows, pictures)):
        axes = grid[line, 0]
        axes.imshow(picture)
        axes.set_ylabel(
            f'id {dataset.pids[row]}\n{Modality(dataset.modalities[row]).name.lower()}\ncam {dataset.camids[row]}',
            fontsize=7,
            rotation=0,
            ha='right',
            va='center',
        )
        for axes, cams in zip(grid[line, 1:], maps):
            _draw_cam(axes, picture, cams[line])
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    grid[0, 0].set_title('image', fontsize=7)
    for axes, (name, _, layer) in zip(grid[0, 1:], columns):
        axes.set_title(f'{name}\n{layer}' if len(models) > 1 else _title(layer), fontsize=7)
    bar = figure.colorbar(
        ScalarMappable(cmap=COLOUR_MAP), ax=grid, shrink=min(1, 2 / len(rows)), fraction=0.03, pad=0.01
    )
    bar.set_ticks([0, 1])
    bar.set_label('weight', fontsize=7, labelpad=-4)
    bar.outline.set_visible(False)
    return save_figure(figure, out_file, dpi=200)


def _title(layer: str) -> str:
    """'TE4' as 'TE' over 'S4', and 'block12' as 'block' over '12'."""
    part = layer.rstrip('0123456789')
    return f'{part}\n{"S" if part.isupper() else ""}{layer.removeprefix(part)}'


def _choose_layers(name: str, model: VIReID, layers: Sequence[str] | None, last_only: bool) -> list[str]:
    there = list(cam_layers(model))
    for layer in layers or ():
        if layer not in there:
            raise ValueError(f'{name} has no layer {layer!r}; it has {", ".join(there)}.')
    return list(layers) if layers else there[-1:] if last_only else there


def _other_modality(dataset: VIReIDDataset, row: int) -> np.ndarray:
    """Rows of the person's images in the other modality."""
    others = np.flatnonzero((dataset.pids == dataset.pids[row]) & (dataset.modalities != dataset.modalities[row]))
    if not len(others):
        raise ValueError(
            f'{dataset.img_paths[row]}: identity {dataset.pids[row]} has no image in the other modality to resemble.'
        )
    return others[:MAX_REFERENCES]


def _load(model: VIReID, dataset: VIReIDDataset, rows: Sequence[int]) -> tuple[Tensor, list[ReIDDataSample]]:
    """Images from the model's own pipeline, (B, 3, H, W), and their samples."""
    items = [model.test_pipeline(dataset.get_data_info(int(row))) for row in rows]
    batch = model.data_preprocessor(pseudo_collate(items))
    return batch['inputs'], batch['data_samples']


def _shown(model: VIReID, dataset: VIReIDDataset, row: int) -> np.ndarray:
    """The image as the model sees it, without normalisation: (H, W, 3) RGB."""
    steps = [step for step in model.test_pipeline.transforms if not isinstance(step, Normalize)]
    return Compose(steps)(dataset.get_data_info(int(row)))['inputs'].permute(1, 2, 0).numpy()


@torch.no_grad()
def _references(model: VIReID, dataset: VIReIDDataset, others: list[np.ndarray], layer: CamLayer) -> Tensor:
    """Mean normalised feature of each list of images, renormalised: (n, D)."""
    means = [cam_features(model, *_load(model, dataset, rows), layer.feature).mean(dim=0) for rows in others]
    return F.normalize(torch.stack(means))


def _draw_cam(axes: Axes, picture: np.ndarray, cam: np.ndarray) -> None:
    # Models may see the image at different sizes, so everything is drawn on the same unit square.
    extent = (0, picture.shape[1], picture.shape[0], 0)
    axes.imshow(picture.mean(axis=2), cmap='gray', vmin=0, vmax=255, extent=extent)
    # The image stays visible where the weight is small.
    axes.imshow(cam, cmap=COLOUR_MAP, vmin=0, vmax=1, alpha=0.3 + 0.5 * cam, extent=extent)
    if not cam.any():
        axes.text(0.5, 0.5, '∅', transform=axes.transAxes, color='white', ha='center', va='center')
