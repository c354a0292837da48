import numpy as np
import pytest

from haresreid.datasets import UnlabelledImages


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_images_of_both_folders_are_listed_and_nothing_is_known_of_them(tmp_path):
    make(tmp_path, 'day/b.jpg', 'day/a/c.PNG', 'day/.x/d.jpg', 'day/.e.jpg', 'day/note.txt', 'night/a.png')
    images = UnlabelledImages(str(tmp_path / 'day'), str(tmp_path / 'night'))
    assert images.img_paths == [str(tmp_path / name) for name in ('day/a/c.PNG', 'day/b.jpg', 'night/a.png')]
    assert images.modalities.tolist() == [0, 0, 1]
    for unknown in (images.pids, images.camids, images.labels):
        assert np.array_equal(unknown, [-1, -1, -1])
    assert images.get_data_info(2)['gt_label'] == -1 and 'num_classes' not in images.metainfo


def test_folders_without_images_or_with_the_same_ones_are_refused(tmp_path):
    make(tmp_path, 'day/a.jpg', 'empty/note.txt')
    day = str(tmp_path / 'day')
    with pytest.raises(FileNotFoundError, match="There is no folder '.*night' of infrared images"):
        UnlabelledImages(day, str(tmp_path / 'night'))
    with pytest.raises(FileNotFoundError, match="There is no visible image in '.*empty'"):
        UnlabelledImages(str(tmp_path / 'empty'), day)
    with pytest.raises(ValueError, match='1 images are in both folders'):
        UnlabelledImages(str(tmp_path), day)
