"""Properties of rendered images, and probes that pin the generator's version."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from haresreid.synvi import GENERATOR_VERSION, LEVELS, SynVISpec
from haresreid.synvi.camera import Sensor
from haresreid.synvi.identity import draw_identity
from haresreid.synvi.layouts import cameras
from haresreid.synvi.render import render_image

PROBES = Path(__file__).parents[1] / 'data' / 'synvi_probes.json'
SIZE = (96, 48)


def render(pid, camera, number=0, seed=0, draw_person=draw_identity):
    return render_image(seed, pid, draw_person(seed, pid), camera, number, SIZE)


def probes():
    """4 x 2 cell means of 18 images over layouts, levels and people."""
    values = {}
    for layout, level, keys in (
        ('sysu', 'easy', (1, 2, 3, 6)),
        ('sysu', 'standard', (4, 5, 3, 6)),
        ('sysu', 'context', (1, 3)),
        ('regdb', 'easy', (11, 12)),
        ('regdb', 'standard', (11, 12)),
        ('llcm', 'easy', (23, 41)),
        ('llcm', 'standard', (29, 49)),
    ):
        spec = SynVISpec(layout, level, (1, 0, 1))
        for key in keys:
            camera = next(camera for camera in cameras(spec) if camera.key == key)
            image = render(key + 1, camera, draw_person=LEVELS[level].draw_person).astype(np.float32)
            values[f'{layout}/{level}/{key}'] = cv2.resize(image, (2, 4), interpolation=cv2.INTER_AREA).ravel().tolist()
    return values


def test_probe_images_are_those_of_this_generator_version():
    """Cell means within half a grey level: rounding differs between platforms, a changed drawing moves them further.

    When this fails on purpose, raise ``GENERATOR_VERSION`` and write ``probes()`` to the data file again.
    """
    stored = json.loads(PROBES.read_text())
    assert stored['generator'] == GENERATOR_VERSION
    found = probes()
    assert found.keys() == stored['probes'].keys() and len(found) == 18
    for name, values in found.items():
        np.testing.assert_allclose(values, stored['probes'][name], atol=0.5, err_msg=name)


@pytest.mark.parametrize('layout', ['sysu', 'regdb', 'llcm'])
def test_images_do_not_depend_on_the_order_of_drawing(layout):
    shown = cameras(SynVISpec(layout, num_ids=(1, 0, 1)))[:2]
    forward = [render(pid, camera, number) for pid in (1, 2) for camera in shown for number in (0, 1)]
    backward = [render(pid, camera, number) for pid in (2, 1) for camera in shown[::-1] for number in (1, 0)]
    swapped = [backward[i] for i in (7, 6, 5, 4, 3, 2, 1, 0)]
    for a, b in zip(forward, swapped):
        np.testing.assert_array_equal(a, b)
    assert len({image.tobytes() for image in forward}) == len(forward)


def test_infrared_images_are_grey_and_visible_ones_are_not():
    for layout in ('sysu', 'regdb', 'llcm'):
        for camera in cameras(SynVISpec(layout, num_ids=(1, 0, 1))):
            image = render(1, camera)
            assert image.shape == (*SIZE, 3) and image.dtype == np.uint8
            assert (np.ptp(image.astype(int), axis=2).max() > 0) == (camera.sensor is Sensor.VISIBLE)


def test_no_camera_washes_out():
    """Exposure: few pixels of any image are clipped white, and no camera's images are pale on average."""
    for camera in cameras(SynVISpec('sysu', 'standard', (1, 0, 1))):
        images = np.stack([render(pid, camera) for pid in range(1, 9)])
        assert (images >= 254).mean() < 0.02
        assert 50 < images.mean() < 170


def test_changing_visible_colours_leaves_the_infrared_image_alone():
    """The only way into an infrared image is by infrared reflectance and shape."""
    person = draw_identity(0, 5)
    recoloured = person._replace(
        materials={
            part: material._replace(visible=material.visible[::-1] * 0.5) for part, material in person.materials.items()
        }
    )
    for camera in cameras(SynVISpec('sysu', num_ids=(1, 0, 1))):
        images = [render_image(0, 5, who, camera, 0, SIZE) for who in (person, recoloured)]
        assert np.array_equal(*images) == (camera.sensor is Sensor.NIR)
