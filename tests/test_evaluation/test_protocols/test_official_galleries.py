import hashlib
import os

import numpy as np
import pytest
from scipy.io import savemat

from haresreid.evaluation import SYSUProtocol, protocol_by_name
from haresreid.evaluation.protocols.official_galleries import OfficialGalleries


@pytest.fixture(scope='module')
def rand_perm_cam(sysu_test_images, tmp_path_factory):
    """A file of the official form for the full test set: reversed order in trial 0, then random orders."""
    rng = np.random.default_rng(0)
    cameras = np.empty((6, 1), dtype=object)
    for camid in range(1, 7):
        # the official cells end at another identity in each camera
        cells = np.empty((333 if camid in (1, 2, 6) else 533, 1), dtype=object)
        for pid in range(1, len(cells) + 1):
            number = np.sum((sysu_test_images.pids == pid) & (sysu_test_images.camids == camid))
            orders = [np.arange(number, 0, -1)] + [rng.permutation(number) + 1 for _ in range(9)]
            cells[pid - 1, 0] = np.array(orders, dtype=np.uint8)
        cameras[camid - 1, 0] = cells
    path = tmp_path_factory.mktemp('official') / 'rand_perm_cam.mat'
    savemat(path, {'rand_perm_cam': cameras})
    return path


@pytest.mark.parametrize(
    'name, size',
    [
        ('sysu/all-official', 301),
        ('sysu/indoor-official', 112),
        ('sysu/all-10shot-official', 3010),
        ('sysu/indoor-10shot-official', 1120),
    ],
)
def test_sizes_and_names(sysu_test_images, rand_perm_cam, name, size):
    protocol = protocol_by_name(name, rand_perm_cam)
    draws = protocol.draws(sysu_test_images)
    assert protocol.name == name and 'rand_perm_cam.mat' in protocol.description
    assert len(draws) == 10
    assert all(len(gallery) == len(set(gallery.tolist())) == size for _, gallery in draws)
    assert len({gallery.tobytes() for _, gallery in draws}) == 10


def test_takes_the_first_images_of_the_trials_order(sysu_test_images, rand_perm_cam):
    paths = sysu_test_images.img_paths
    _, gallery = SYSUProtocol('all', rand_perm_cam=rand_perm_cam).draw(sysu_test_images, 0)
    for index in gallery:  # in trial 0 the order is reversed, so it is the last image of its folder
        folder = paths[index].rsplit('/', 1)[0] + '/'
        assert paths[index] == max(path for path in paths if path.startswith(folder))
    _, ten = SYSUProtocol('all', 10, rand_perm_cam).draw(sysu_test_images, 0)
    assert [paths[index] for index in ten[:3]] == ['cam1/0006/0042.jpg', 'cam1/0006/0041.jpg', 'cam1/0006/0040.jpg']


@pytest.mark.skipif('HARESREID_RAND_PERM_CAM' not in os.environ, reason="the authors' file is not ours to ship")
@pytest.mark.parametrize('mode, digest', [('all', 'ebe7a863bd51'), ('indoor', 'befbb546e4ab')])
def test_golden_galleries_of_the_authors_file(sysu_test_images, mode, digest):
    """sha256 of trial 0, identity by identity: HARESREID_RAND_PERM_CAM=/path/to/rand_perm_cam.mat pytest."""
    protocol = SYSUProtocol(mode, rand_perm_cam=os.environ['HARESREID_RAND_PERM_CAM'])
    _, gallery = protocol.draw(sysu_test_images, 0)
    paths = [sysu_test_images.img_paths[index] for index in gallery]
    assert hashlib.sha256('\n'.join(paths).encode()).hexdigest()[:12] == digest


def test_absence_is_explained(tmp_path):
    with pytest.raises(FileNotFoundError, match="not part of the data set but of its authors' repository"):
        OfficialGalleries(tmp_path / 'rand_perm_cam.mat')
    with pytest.raises(ValueError, match=r"give its path \(--rand-perm-cam FILE, .*\), or use 'sysu/all-10shot'"):
        protocol_by_name('sysu/all-10shot-official')


def test_another_file_is_refused(tmp_path):
    savemat(tmp_path / 'other.mat', {'id': np.arange(5)})
    (tmp_path / 'text.mat').write_text('no such thing')
    for name in ('other.mat', 'text.mat'):
        with pytest.raises(ValueError, match=f'{name}.* is not the official rand_perm_cam.mat'):
            OfficialGalleries(tmp_path / name)


def test_an_incomplete_test_set_is_refused(rand_perm_cam):
    official = OfficialGalleries(rand_perm_cam)
    with pytest.raises(ValueError, match='orders 42 images of identity 6 in camera 1, but the test set has 3'):
        official.order(6, 1, 0, 3)
    with pytest.raises(ValueError, match='orders 0 images of identity 999'):
        official.order(999, 1, 0, 3)
