import numpy as np

from haresreid.datasets import SYSUMM01, ByRole, LanczosResize, LoadReIDImage, PackReIDInputs, SeededIndex


def test_the_generators_images_have_their_own_size(sysu_root):
    """From the index to the sample; 48 x 24 as they are drawn."""
    small = dict(type=ByRole, generator=[dict(type=LanczosResize, size=(12, 6))], reid=[])
    dataset = SYSUMM01(
        str(sysu_root), pipeline=[dict(type=LoadReIDImage), small, dict(type=PackReIDInputs)], check_counts=False
    )
    plain, generator = dataset[SeededIndex(3, (0,))], dataset[SeededIndex(3, (0,), role='generator')]
    assert plain['inputs'].shape == (3, 48, 24) and generator['inputs'].shape == (3, 12, 6)
    assert 'role' not in plain['data_samples'] and generator['data_samples'].role == 'generator'
    assert plain['data_samples'].img_path == generator['data_samples'].img_path


def test_a_stand_in_has_the_role_of_the_image_that_it_replaces(sysu_root):
    dataset = SYSUMM01(
        str(sysu_root),
        pipeline=[dict(type=LoadReIDImage), dict(type=PackReIDInputs)],
        check_counts=False,
        unreadable='skip',
    )
    open(dataset.img_paths[3], 'wb').close()
    sample = dataset[SeededIndex(3, (0,), role='generator')]['data_samples']
    assert sample.stands_in_for == dataset.img_paths[3] and sample.role == 'generator'
    assert np.isin(sample.gt_label, dataset.labels)
