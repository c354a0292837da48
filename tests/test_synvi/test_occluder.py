import numpy as np
import pytest

from haresreid.synvi.camera import Sensor
from haresreid.synvi.occluder import MAX_HIDDEN, draw_occluder


@pytest.mark.parametrize('sensor', Sensor)
def test_an_occluder_never_hides_more_of_the_body_than_its_limit(sensor):
    body = np.zeros((96, 48), bool)
    body[10:92, 14:34] = True
    hidden = []
    for seed in range(60):
        occluder = draw_occluder(body, sensor, np.random.default_rng(seed))
        hidden.append((occluder.mask & body).sum() / body.sum())
        assert occluder.albedo.shape == (96, 48, 3)
        if sensor is not Sensor.VISIBLE:
            np.testing.assert_array_equal(occluder.albedo[..., 0], occluder.albedo[..., 2])
    assert 0 < max(hidden) <= MAX_HIDDEN
    assert np.mean(np.array(hidden) > 0) > 0.8
