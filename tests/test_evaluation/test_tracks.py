import numpy as np
import pytest

from haresreid.evaluation import FeatureSet, evaluate, pool_tracks, protocol_by_name, track_names
from haresreid.evaluation.functional import l2_normalize


def sequences(noise: float, people: int = 12, length: int = 9) -> FeatureSet:
    """People of whom camera 1 (visible) and camera 3 (infrared) each have a walk; every image is noisy."""
    rng = np.random.default_rng(0)
    pids, camids, numbers = (part.ravel() for part in np.meshgrid(range(people), (1, 3), range(length), indexing='ij'))
    features = rng.standard_normal((people, 64))[pids] + noise * rng.standard_normal((len(pids), 64))
    paths = [f'data/cam{camid}/{pid:04d}/{number:04d}.jpg' for pid, camid, number in zip(pids, camids, numbers)]
    order = rng.permutation(len(pids))
    return FeatureSet(
        l2_normalize(features).astype('f4')[order],
        pids[order],
        camids[order],
        (camids == 3)[order],
        [paths[row] for row in order],
        dict(dataset=dict(dataset='SYSU-MM01')),
    )


def test_a_track_is_the_mean_of_its_images():
    images = sequences(1.0)
    tracks = track_names(images.img_paths, r'.*/')
    pooled = pool_tracks(images, tracks)
    assert len(pooled) == 24 and pooled.info == dict(images.info, pooled_images=216)
    for row, name in enumerate(dict.fromkeys(tracks)):
        rows = [number for number, track in enumerate(tracks) if track == name]
        mean = np.mean([images.features[number].astype(float) for number in rows], axis=0)
        np.testing.assert_allclose(pooled.features[row], mean / np.linalg.norm(mean), rtol=1e-5, atol=1e-7)
        assert pooled.img_paths[row] == images.img_paths[rows[0]]
        assert (pooled.pids[row], pooled.camids[row]) == (images.pids[rows[0]], images.camids[rows[0]])


def test_tracks_are_found_more_often_than_images():
    images = sequences(4.0)
    protocol = protocol_by_name('own/i2v')
    tracks = pool_tracks(images, track_names(images.img_paths, r'cam\d/\d+'))
    alone, together = (evaluate(found, protocol).mean('R1') for found in (images, tracks))
    assert together > alone + 0.2


@pytest.mark.parametrize(
    'pattern, message',
    [
        (r'cam\d/', "The track 'cam.*' has pids .* and .*: a track is of one person in one camera"),
        (r'/\d{4}/', "The track '/.*/' has camids"),
        (r'cam[12]', r"108 of 216 paths do not match 'cam\[12\]', the first is 'data/cam3"),
        ('(', "the pattern '\\(' is no regular expression"),
    ],
)
def test_what_is_no_track(pattern, message):
    images = sequences(1.0)
    with pytest.raises(ValueError, match=message):
        pool_tracks(images, track_names(images.img_paths, pattern))
