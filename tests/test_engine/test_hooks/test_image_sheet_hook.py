from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import torch
from PIL import Image
from torch import nn

from haresreid.engine import ImageSheetHook
from haresreid.structures import ReIDDataSample

COLOUR = {(label, modality): -1 + 0.4 * label + 0.2 * modality for label in range(3) for modality in range(2)}


class Data:
    """Three people, two images of one colour in each modality."""

    labels, modalities = np.tile(np.arange(3).repeat(2), 2), np.arange(2).repeat(6)

    def __getitem__(self, index) -> dict:
        label, modality = int(self.labels[index]), int(self.modalities[index])
        assert index.role == 'generator'
        sample = ReIDDataSample(metainfo=dict(gt_label=label, modality=modality))
        return dict(inputs=torch.full((3, 4, 2), COLOUR[label, modality]), data_samples=sample)


class Model(nn.Module):
    """Draws each image darker, and in the place of its exchange its negative."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def exchange(self, images, batch):
        assert not self.training and not torch.is_grad_enabled()
        assert batch.modalities.tolist() == [0, 1] * 2 and batch.labels.tolist() == [0, 0, 1, 1]
        return dict(images=images, reconstructed=images - 0.1, exchanged=-images)


def test_a_sheet_has_real_reconstructed_and_exchanged_images_below_each_other(tmp_path):
    model = Model().train()
    runner = SimpleNamespace(
        model=model, epoch=4, work_dir=str(tmp_path), logger=Mock(), train_dataloader=SimpleNamespace(dataset=Data())
    )
    ImageSheetHook(people=2).after_train_epoch(runner)
    assert model.training
    sheet = np.asarray(Image.open(tmp_path / 'images' / 'epoch_5.png'))
    assert sheet.shape == (3 * 6, 4 * 4, 3)
    for column, (label, modality) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        value = COLOUR[label, modality]
        for row, expected in enumerate((value, value - 0.1, -value)):
            image = sheet[6 * row : 6 * row + 4, 4 * column : 4 * column + 2]
            assert np.abs(image.astype(float) - np.clip((expected + 1) * 127.5, 0, 255)).max() <= 0.5001
    assert (sheet[4:6] == 255).all() and (sheet[:, 2:4] == 255).all()  # gaps


def test_other_normalisations_and_a_row_of_other_illumination(tmp_path, monkeypatch):
    def exchange(self, images, batch):
        return dict(images=images, reconstructed=images, exchanged=images, relit=images + 0.1)

    monkeypatch.setattr(Model, 'exchange', exchange)
    runner = SimpleNamespace(
        model=Model(), epoch=0, work_dir=str(tmp_path), logger=Mock(), train_dataloader=SimpleNamespace(dataset=Data())
    )
    ImageSheetHook(people=1, mean=(100, 120, 140), std=(50, 60, 70)).after_train_epoch(runner)
    sheet = np.asarray(Image.open(tmp_path / 'images' / 'epoch_1.png')).astype(float)
    assert sheet.shape == (4 * 6, 2 * 4, 3)
    expected = np.array([100, 120, 140]) + (COLOUR[0, 0] + np.array([[0.0], [0.1]])) * np.array([50, 60, 70])
    assert np.abs(sheet[[0, 18], 0] - expected).max() <= 0.5001
