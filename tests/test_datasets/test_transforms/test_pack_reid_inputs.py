import numpy as np
import torch

from haresreid.datasets import PackReIDInputs
from haresreid.structures import Modality


def test_packs_image_and_labels():
    img = np.random.RandomState(0).rand(6, 4, 3).astype(np.float32)
    packed = PackReIDInputs()(
        dict(img=img, img_path='a.jpg', pid=7, camid=3, modality=Modality.INFRARED, gt_label=2, flip=True)
    )

    assert set(packed) == {'inputs', 'data_samples'}
    assert packed['inputs'].dtype == torch.float32 and packed['inputs'].is_contiguous()
    np.testing.assert_array_equal(packed['inputs'].numpy(), img.transpose(2, 0, 1))
    assert packed['data_samples'].metainfo == dict(
        img_path='a.jpg', pid=7, camid=3, modality=Modality.INFRARED, gt_label=2
    )


def test_image_without_identity():
    packed = PackReIDInputs()(dict(img=np.zeros((2, 2, 3), np.float32), modality=0))
    assert packed['data_samples'].metainfo == dict(modality=0)
