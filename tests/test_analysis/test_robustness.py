"""Metrics under corruptions, with pixels for features."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image

from haresreid.analysis.robustness import Condition, CorruptedTestSet, Subject, all_conditions, measure_robustness
from haresreid.analysis.robustness_tables import as_csv, as_markdown, drops
from haresreid.datasets.corruptions import corrupt_image
from haresreid.evaluation import FeatureSet, evaluate, protocol_by_name
from haresreid.evaluation.functional import l2_normalize
from haresreid.structures import Modality

PEOPLE = 8


class Pixels:
    """In the place of a model: an image's feature are its pixels."""

    head, flip_test = SimpleNamespace(test_feature='post_bn'), False

    def test_step(self, batch):
        for image, sample in zip(batch['inputs'], batch['data_samples']):
            sample.pred_feature = torch.from_numpy(l2_normalize(image.reshape(1, -1).numpy())[0])
        return batch['data_samples']


@pytest.fixture(params=[0, 1])
def test_set(request, tmp_path):
    rng = np.random.default_rng(0)
    lines = ['path,pid,camera,modality,split']
    for pid in range(PEOPLE):
        person = rng.integers(0, 256, (6, 4))
        for camera, modality in ((1, 'visible'), (2, 'infrared')):
            grey = np.kron(person, np.ones((8, 8))) + rng.normal(0, 20, (48, 32))
            path = f'{pid}_{camera}.png'
            Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(tmp_path / path)
            lines.append(f'{path},{pid},{camera},{modality},test')
    (tmp_path / 'manifest.csv').write_text('\n'.join(lines))
    pipeline = [dict(type='LoadReIDImage'), dict(type='PackReIDInputs')]
    (tmp_path / 'pixels.py').touch()
    cfg = Config(
        dict(
            test_dataloader=dict(
                batch_size=3,
                num_workers=request.param,
                persistent_workers=bool(request.param),
                sampler=dict(type='DefaultSampler', shuffle=False),
                dataset=dict(type='ManifestDataset', data_root=str(tmp_path), subset='test', pipeline=pipeline),
            ),
        ),
        filename=str(tmp_path / 'pixels.py'),
    )
    return CorruptedTestSet(Pixels(), cfg, 'none')


def corrupted(test_set, condition, seed, severity=None):
    return test_set.with_images(test_set.draw(condition, seed, severity))


def test_only_one_modality_is_corrupted_each_image_by_its_place(test_set):
    condition = Condition(Modality.INFRARED, 'saturation')
    found = corrupted(test_set, condition, seed=4)
    infrared = test_set.clean.modalities == Modality.INFRARED
    assert np.array_equal(found.features[~infrared], test_set.clean.features[~infrared])
    for row in np.flatnonzero(infrared):
        image = np.array(Image.open(test_set.clean.img_paths[row]).convert('RGB'))
        np.random.seed((4, row))
        image = corrupt_image(image, Modality.INFRARED, 'saturation').transpose(2, 0, 1)
        np.testing.assert_allclose(found.features[row], l2_normalize(image.reshape(1, -1))[0], atol=1e-6)
    again = corrupted(test_set, Condition(Modality.INFRARED, 'defocus'), seed=4)  # nothing of the first one is left
    assert not np.allclose(again.features, found.features)
    assert np.array_equal(corrupted(test_set, condition, seed=4).features, found.features)


def test_figures_are_evaluations_of_each_repeat(test_set):
    protocol = protocol_by_name('own/v2i')
    conditions = [Condition(Modality.VISIBLE, 'rain'), Condition(Modality.INFRARED, 'any')]
    said, figures = [], {}
    subjects = dict(first=Subject(test_set, [protocol], figures), second=Subject(test_set, [protocol], {}))
    measure_robustness(subjects, conditions, 2, 1, lambda *what: said.append(what))
    names = ['clean', 'visible/rain', 'infrared/any']
    assert list(figures) == names and said == [(model, name) for name in names for model in subjects]
    assert figures == subjects['second'].figures  # of the same images
    assert figures['clean']['own/v2i']['R1'] == [evaluate(test_set.clean, protocol).mean('R1')] == [1.0]
    for condition in conditions:
        for seed in (0, 1):
            alone = evaluate(corrupted(test_set, condition, seed, severity=1), protocol)
            for metric, values in figures[condition.name]['own/v2i'].items():
                assert values[seed] == alone.mean(metric)


def test_models_of_the_same_images_share_the_corrupted_ones(test_set, monkeypatch):
    drawn, draw = [], test_set.draw
    monkeypatch.setattr(test_set, 'draw', lambda *asked: drawn.append(asked) or draw(*asked))
    subjects = {name: Subject(test_set, [protocol_by_name('own/v2i')], {}) for name in 'ab'}
    condition = Condition(Modality.VISIBLE, 'rain')
    measure_robustness(subjects, [condition], 2, severity=1)
    assert drawn == [(condition, 0, 1), (condition, 1, 1)]
    measure_robustness(subjects, [condition], 2, severity=1)
    assert len(drawn) == 2  # nothing is measured twice


def test_all_conditions():
    names = [condition.name for condition in all_conditions()]
    assert len(names) == 1 + 20 + 1 + 7 and names[0] == 'visible/any' and names[21] == 'infrared/any'


FIGURES = dict(
    ours={
        'clean': {'sysu/all': dict(R1=[0.5], mAP=[0.4], mINP=[0.3])},
        'visible/any': {'sysu/all': dict(R1=[0.2, 0.3], mAP=[0.1, 0.1], mINP=[0.0, 0.1])},
        'visible/fog': {'sysu/all': dict(R1=[0.5, 0.54], mAP=[0.4, 0.4], mINP=[0.3, 0.3])},
    }
)


def test_drops_by_hand():
    assert drops(FIGURES, 'sysu/all', 'R1') == pytest.approx(np.array([[25.0, -2.0]]))


def test_tables():
    page = as_markdown(FIGURES)
    assert '| ours | clean | 50.00 | 40.00 | 30.00 |  |' in page
    assert '| ours | visible/any | 25.00 ± 5.00 | 10.00 ± 0.00 | 5.00 ± 5.00 | 25.00 |' in page
    assert page.index('### Every corruption') < page.index('| ours | visible/fog |')
    lines = as_csv(FIGURES).splitlines()
    assert len(lines) == 1 + 3 + 6 + 6 and lines[-1] == 'ours,sysu/all,visible/fog,mINP,1,0.300000'


def test_a_feature_set_keeps_what_is_known_of_its_source(test_set):
    found = corrupted(test_set, Condition(Modality.INFRARED, 'defocus'), 0)
    assert isinstance(found, FeatureSet) and found.info == test_set.clean.info
