import numpy as np
import pytest
from mmcv.transforms import Normalize, Resize
from mmengine.dataset import Compose
from PIL import Image

from haresreid.datasets import LoadReIDImage, ManifestDataset, PackReIDInputs
from haresreid.visualization import choose_cam_images, draw_cams
from haresreid.visualization.cams import COLOUR_MAP

RED, BLUE, GREY = (255, 100, 100), (100, 100, 255), (100, 100, 100)


def draw_image(path, cells):
    """192 x 96 pixels, twice the model's size, with coloured squares in cells of 32 pixels."""
    picture = np.full((192, 96, 3), GREY, dtype=np.uint8)
    for (row, column), colour in cells.items():
        picture[row * 32 : row * 32 + 16, column * 32 : column * 32 + 16] = colour
    Image.fromarray(picture).save(path)


@pytest.fixture
def dataset(tmp_path):
    """Person 1 has a red square somewhere, person 2 a blue one; person 3 is never seen in infrared."""
    rows = [
        ('a', 1, 'visible', {(5, 0): RED, (0, 2): BLUE}),
        ('b', 1, 'infrared', {(2, 1): RED}),
        ('c', 2, 'visible', {(1, 1): BLUE, (4, 2): RED}),
        ('d', 2, 'infrared', {(3, 1): BLUE}),
        ('e', 3, 'visible', {}),
    ]
    for name, _, _, cells in rows:
        draw_image(tmp_path / f'{name}.png', cells)
    lines = [f'{name}.png,{pid},{1 + (modality == "infrared")},{modality},test' for name, pid, modality, _ in rows]
    (tmp_path / 'manifest.csv').write_text('\n'.join(['path,pid,camera,modality,split', *lines]))
    return ManifestDataset(data_root=str(tmp_path), subset='test')


@pytest.fixture
def model(red_and_blue):
    normalize = Normalize(mean=(100, 100, 100), std=(50, 50, 50), to_rgb=False)
    red_and_blue.test_pipeline = Compose([LoadReIDImage(), Resize((48, 96)), normalize, PackReIDInputs()])
    return red_and_blue


def test_maps_lie_on_the_person_s_colour_in_its_place(model, dataset, tmp_path):
    figure = draw_cams({'ours': model}, dataset, [0, 2], tmp_path / 'cam', layers=['RE4', 'TE2', 'CFFM4'])
    assert (tmp_path / 'cam.png').exists() and (tmp_path / 'cam.svg').exists()
    grid = np.array(figure.axes[:8]).reshape(2, 4)
    assert [axes.get_title() for axes in grid[0]] == ['image', 'RE\nS4', 'TE\nS2', 'CFFM\nS4']
    assert [axes.get_ylabel() for axes in grid[:, 0]] == ['id 1\nvisible\ncam 1', 'id 2\nvisible\ncam 1']
    for (picture_axes, *cam_axes), cell, colour in zip(grid, [(5, 0), (1, 1)], [RED, BLUE]):
        picture = picture_axes.images[0].get_array()  # (96, 48, 3), as the model sees it
        assert picture.shape == (96, 48, 3)
        assert tuple(picture[cell[0] * 16 + 4, cell[1] * 16 + 4]) == colour  # RGB, not BGR
        for axes in cam_axes:
            grey, cam = (image.get_array() for image in axes.images)
            np.testing.assert_allclose(grey, picture.mean(axis=2))
            assert axes.images[0].get_extent() == axes.images[1].get_extent() == [0, 48, 96, 0]
            assert axes.images[1].get_cmap().name == COLOUR_MAP and axes.images[1].get_clim() == (0, 1)
            row, column = np.unravel_index(cam.argmax(), cam.shape)
            assert (row // 16, column // 16) == cell


def test_several_models_show_their_last_map(model, dataset, tmp_path):
    figure = draw_cams({'B': model, 'ours': model}, dataset, [1], tmp_path / 'cam.png')
    assert [axes.get_title() for axes in figure.axes[:3]] == ['image', 'B\nCFFM4', 'ours\nCFFM4']
    assert not (tmp_path / 'cam.svg').exists()


def test_an_empty_map_is_marked(model, dataset):
    figure = draw_cams({'ours': model}, dataset, [0], layers=['RE4'])
    assert not figure.axes[1].texts
    dataset.pids[:] = 1  # the mean of a red and a blue image is as near to an empty image as to any
    draw_image(dataset.img_paths[0], {})
    figure = draw_cams({'ours': model}, dataset, [0], layers=['RE4'])
    assert [text.get_text() for text in figure.axes[1].texts] == ['∅']


def test_refusals(model, dataset):
    with pytest.raises(ValueError, match="ours has no layer 'S4'; it has RE1, "):
        draw_cams({'ours': model}, dataset, [0], layers=['S4'])
    with pytest.raises(ValueError, match='e.png: identity 3 has no image in the other modality'):
        draw_cams({'ours': model}, dataset, [4])


def test_chosen_images_are_of_people_in_both_modalities(dataset):
    for seed in range(5):
        rows = choose_cam_images(dataset, num_people=3, seed=seed)
        assert dataset.modalities[rows].tolist() == [0, 1, 0, 1]
        assert sorted(dataset.pids[rows].tolist()) == [1, 1, 2, 2]
        assert rows == choose_cam_images(dataset, num_people=3, seed=seed)
    assert len(choose_cam_images(dataset, num_people=1)) == 2
