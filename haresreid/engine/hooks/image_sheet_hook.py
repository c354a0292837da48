"""A sheet of the images that a generator draws, to be looked at while it is trained."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner
from PIL import Image
from torch import Tensor

from haresreid.datasets import SeededIndex
from haresreid.engine.bare_model import bare_model
from haresreid.files.files import written_whole
from haresreid.files.paths import from_here
from haresreid.registry import HOOKS
from haresreid.structures import Modality, ReIDBatch

__all__ = ['ImageSheetHook']

GAP = 2  # white pixels between two images
ROWS = ('images', 'reconstructed', 'exchanged', 'relit')


@HOOKS.register_module()
class ImageSheetHook(Hook):
    """Writes ``images/epoch_<number>.png`` into the work directory after every epoch.

    Each person of the sheet, the first ones of the training set, has a visible and an infrared image in its two
    columns. From top to bottom: the real image; the image drawn from its own content and style; the image drawn from
    its content in the other modality, with the style of the person's other image; and, if the generator draws it, the
    image with nothing but the illumination of the person's other image.

    Args:
        people (int): Defaults to 8.
        mean (Sequence[float]): Of the normalisation that the images had, for each channel, in grey levels. Defaults to
            127.5: values from -1 to 1.
        std (Sequence[float]): Its standard deviation. Defaults to 127.5.
    """

    priority = 'LOW'

    def __init__(
        self, people: int = 8, mean: Sequence[float] = (127.5,) * 3, std: Sequence[float] = (127.5,) * 3
    ) -> None:
        self.people = people
        self.mean, self.std = (torch.tensor(values).view(3, 1, 1) for values in (mean, std))

    @master_only
    def after_train_epoch(self, runner: Runner) -> None:
        """Draw the sheet in evaluation mode; the model stays as it is."""
        model = bare_model(runner)
        dataset = runner.train_dataloader.dataset
        items = [dataset[index] for index in self._chosen(dataset)]
        device = next(model.parameters()).device
        images = torch.stack([item['inputs'] for item in items]).to(device)  # (2 * people, 3, H, W)
        batch = ReIDBatch.of([item['data_samples'] for item in items], device)
        model.eval()
        with torch.no_grad():
            drawn = model.exchange(images, batch)
        model.train()
        path = Path(runner.work_dir) / 'images' / f'epoch_{runner.epoch + 1}.png'
        path.parent.mkdir(exist_ok=True)
        with written_whole(path) as part:
            Image.fromarray(_sheet(self._pixels([drawn[row] for row in ROWS if row in drawn]))).save(part, 'PNG')
        runner.logger.info(f'Images of the generator: {from_here(path)}')

    def _chosen(self, dataset) -> list[SeededIndex]:
        """Each person's first visible and first infrared image, with the size that the generator takes."""
        indices = [
            np.flatnonzero((dataset.labels == label) & (dataset.modalities == modality))[0]
            for label in np.unique(dataset.labels)[: self.people]
            for modality in Modality
        ]
        return [SeededIndex(index, seed=(int(index),), role='generator') for index in indices]

    def _pixels(self, rows: list[Tensor]) -> Tensor:
        """R rows of normalised images (N, 3, H, W) -> grey levels, (R, N, 3, H, W) uint8."""
        return (torch.stack(rows).float().cpu() * self.std + self.mean).round().clamp(0, 255).byte()


def _sheet(pixels: Tensor) -> np.ndarray:
    """Images (R, N, 3, H, W), row by row -> (height, width, 3) uint8."""
    framed = torch.nn.functional.pad(pixels, (0, GAP, 0, GAP), value=255)  # (R, N, 3, H + GAP, W + GAP)
    count, columns, _, height, width = framed.shape
    return framed.permute(0, 3, 1, 4, 2).reshape(count * height, columns * width, 3).numpy()
