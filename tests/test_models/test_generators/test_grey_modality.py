from pathlib import Path

import numpy as np
import pytest
import torch

from haresreid.config.config import load_config
from haresreid.datasets import PlanarNormalize, VisibleRandomGrayscale
from haresreid.models import GreyModalityGenerator
from haresreid.structures import Modality, ReIDBatch

CONFIGS = Path(__file__).parents[3] / 'configs/baselines'
NORMALIZE = dict(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))


def test_grey_images_are_those_of_the_transform_to_its_rounding():
    pixels = np.random.RandomState(0).randint(0, 256, (2, 6, 4, 3), dtype=np.uint8)
    grey, normalize = VisibleRandomGrayscale(prob=1.0), PlanarNormalize(**NORMALIZE)

    def tensors(greyed: bool) -> torch.Tensor:
        items = [dict(img=image.copy(), modality=Modality.VISIBLE) for image in pixels]
        images = [normalize(grey(item) if greyed else item)['img'] for item in items]
        return torch.from_numpy(np.stack(images)).movedim(-1, 1)  # (2, 3, 6, 4)

    images, batch = tensors(False), ReIDBatch.labelled(torch.tensor([4, 5]), torch.tensor([0, 0]))
    output, rows = GreyModalityGenerator(**NORMALIZE)(images, batch)
    assert torch.equal(output[:2], images) and rows.modalities.tolist() == [0, 0, 2, 2]
    assert torch.allclose(output[2:], tensors(True), atol=0.51 / 57.12)  # half a grey level


def test_of_two_modalities_only_the_visible_images_have_one_and_only_in_training():
    images = torch.randn(4, 3, 6, 4)
    batch = ReIDBatch.labelled(torch.tensor([4, 5, 4, 5]), torch.tensor([1, 0, 1, 0]))
    generator = GreyModalityGenerator(**NORMALIZE)
    output, rows = generator(images, batch)
    assert output.shape == (6, 3, 6, 4) and rows.items.tolist() == [0, 1, 2, 3, 1, 3]
    assert generator.eval()(images, batch)[0] is images and not generator.state_dict()


@pytest.mark.parametrize('name', ['sysu_paper', 'regdb_unified', 'llcm_paper', 'synth'])
def test_the_configs_undo_the_normalisation_of_their_pipeline(name):
    cfg = load_config(str(CONFIGS / f'hat_{name}.py'))
    (step,) = (step for step in cfg.train_dataloader.dataset.pipeline if step.type is PlanarNormalize)
    assert (cfg.model.generator.mean, cfg.model.generator.std) == (step.mean, step.std)
