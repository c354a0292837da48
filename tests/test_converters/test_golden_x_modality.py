"""X-modality's network and losses against numbers that the official network gave."""

import pytest
import torch

from haresreid.structures import ReIDBatch, ReIDDataSample

from .test_golden import build, check, make_images


def test_equals_the_official_network_and_its_losses(golden):
    """In training, with the X images, and in evaluation, where there are none."""
    reference = golden('x_modality')
    model = build('x_modality', reference).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    order = torch.tensor([2, 0, 3, 1])
    place = torch.tensor([1, 3, 0, 2, 4, 5])  # the reference's rows: visible, infrared, X
    samples = [ReIDDataSample(metainfo=dict(modality=int(row >= 2), gt_label=int(row) % 2)) for row in order]
    images, batch = make_images(reference['size']).double()[order], ReIDBatch.of(samples)
    with torch.no_grad():
        x_images = model.generator(images, batch)[0][4:]
        feats, rows = model.extract_feat(images, batch)
        features = model.head(feats, rows)
        model.load_state_dict(before)
        tested = model.eval()(images, samples)['embed']

    assert reference.keys() == {
        *('x_images', 'train_out0', 'feat', 'train_out1', 'losses', 'float64_losses', 'eval_pool'),
        *('keys', 'phase', 'size'),
    }
    check(x_images.flatten(1), dict(reference['x_images'], shape=[2, x_images[0].numel()]), 'x_images')
    for entry, name in dict(train_out0='embed', feat='bn_embed', train_out1='logits').items():
        check(features[name][place], reference[entry], name)
    check(tested[place[:4]], reference['eval_pool'], 'eval_pool')

    assert rows.modalities[place].tolist() == [0, 0, 1, 1, 2, 2]
    terms, losses = reference['float64_losses'], model.criterion(features, rows)
    for name, entry in dict(id='ce', tri='tri').items():  # the file has a term for each modality
        expected = sum(terms[f'{entry}_{modality}'] for modality in ('visible', 'infrared', 'x'))
        assert losses[f'loss_{name}'].item() == pytest.approx(expected, rel=1e-6), name
