import numpy as np
import pytest
import torch
from mmcv.transforms import RandomFlip

from haresreid.datasets import PackReIDInputs, RandomChannelExchange, RandomErasing, VisibleViews
from haresreid.models import ReIDDataPreprocessor
from haresreid.structures import Modality, ReIDBatch

IMG = np.random.RandomState(0).randn(8, 4, 3).astype(np.float32)
FLIP = dict(type=RandomFlip, prob=1.0)
ERASE = dict(type=RandomErasing, prob=1.0, fill=(9, 9, 9))


def item(modality, label=0):
    return dict(img=IMG.copy(), modality=modality, gt_label=label)


def test_each_view_has_its_own_pipeline():
    transform = VisibleViews([], visible=[[], [FLIP], [ERASE]], infrared=[FLIP])
    original = item(Modality.VISIBLE)
    views = transform(original)['img']
    assert views.shape == (3, 8, 4, 3)
    np.testing.assert_array_equal(views[0], IMG)
    np.testing.assert_array_equal(views[1], IMG[:, ::-1])
    erased = (views[2] == 9).all(axis=2)
    assert erased.any() and (views[2][~erased] == IMG[~erased]).all()
    np.testing.assert_array_equal(original['img'], IMG)  # erasing writes in place, into the view alone

    np.testing.assert_array_equal(transform(item(Modality.INFRARED))['img'], IMG[:, ::-1])


def test_the_augmentation_comes_first_and_is_drawn_anew_for_each_view():
    transform = VisibleViews([dict(type=RandomFlip, prob=0.5)], visible=[[], [FLIP]], infrared=[FLIP])
    np.random.seed(0)
    mirrored = np.array(
        [[(view == IMG[:, ::-1]).all() for view in transform(item(Modality.VISIBLE))['img']] for _ in range(400)]
    )
    # standard deviation of a rate: .025
    assert (abs(mirrored.mean(axis=0) - 0.5) < 0.1).all() and abs((mirrored[:, 0] == mirrored[:, 1]).mean() - 0.5) < 0.1
    infrared = [(transform(item(Modality.INFRARED))['img'] == IMG).all() for _ in range(400)]
    assert abs(np.mean(infrared) - 0.5) < 0.1


def test_the_second_view_of_caj_and_its_infrared_image_have_equal_channels():
    transform = VisibleViews(
        [], visible=[[], [dict(type=RandomChannelExchange)]], infrared=[dict(type=RandomChannelExchange, gray_prob=1.0)]
    )
    first, second = transform(item(Modality.VISIBLE))['img']
    for img, equal in ((first, False), (second, True), (transform(item(Modality.INFRARED))['img'], True)):
        assert (img == img[..., :1]).all() == equal


@pytest.mark.parametrize('num_views', [1, 2, 3])
def test_the_network_gets_views_as_images_with_their_samples(num_views):
    """Reference: one image after the other, by loops."""
    transform = VisibleViews([], visible=[[FLIP] if view else [] for view in range(num_views)], infrared=[])
    items = [PackReIDInputs()(transform(item(modality, label))) for modality in Modality for label in (3, 5)]
    data = ReIDDataPreprocessor()(
        dict(inputs=[each['inputs'] for each in items], data_samples=[each['data_samples'] for each in items])
    )
    batch = ReIDBatch.of(data['data_samples']).take(data['items'])

    expected = []
    for number, (modality, label) in enumerate((modality, label) for modality in Modality for label in (3, 5)):
        for view in range(num_views if modality == Modality.VISIBLE else 1):
            expected.append((label, modality, number, IMG[:, ::-1] if view else IMG))
    labels, modalities, numbers, pictures = zip(*expected)
    assert (batch.labels.tolist(), batch.modalities.tolist()) == (list(labels), list(modalities))
    assert batch.items.tolist() == list(numbers)
    assert torch.equal(data['inputs'], torch.tensor(np.stack(pictures).transpose(0, 3, 1, 2).copy()))
