"""Groups of queries, and pairs of cameras."""

import numpy as np
import pytest

from haresreid.analysis.failures import by_camera_pair, by_condition, query_conditions
from haresreid.evaluation import FeatureSet, SYSUProtocol, evaluate, protocol_by_name
from haresreid.evaluation.functional import l2_normalize
from haresreid.evaluation.query_scores import scored_queries
from haresreid.synvi import SynVISpec, write_synvi
from haresreid.synvi.layouts import person_images


@pytest.fixture(scope='module')
def images():
    """15 people in SYSU-MM01's cameras; camera 6 sees them worse."""
    pids, camids = (part.ravel() for part in np.meshgrid(range(15), range(1, 7), indexing='ij'))
    rng = np.random.default_rng(0)
    noise = np.where(camids == 6, 3, 0.5)[:, None] * rng.standard_normal((len(pids), 8))
    features = l2_normalize(rng.standard_normal((15, 8))[pids] + noise)
    paths = [f'cam{camid}/{pid:04d}/1.jpg' for pid, camid in zip(pids, camids)]
    return FeatureSet(features, pids, camids, np.isin(camids, (3, 6)), paths)


def test_a_camera_pair_is_an_evaluation_of_its_images_alone(images):
    pairs = by_camera_pair(images, SYSUProtocol('all'))
    assert list(pairs) == [(query, gallery) for query in (3, 6) for gallery in (1, 2, 4, 5)]
    assert pairs[3, 2] is None  # the two cameras of one room
    for (query, gallery), figures in pairs.items():
        if figures is not None:
            alone = evaluate(images[np.isin(images.camids, (query, gallery))], protocol_by_name('own/i2v'))
            assert figures == pytest.approx([alone.mean(metric) for metric in ('R1', 'mAP', 'mINP')])
    assert pairs[3, 4][0] > pairs[6, 4][0]


def test_groups_partition_the_queries(images):
    scored = scored_queries(evaluate(images, SYSUProtocol('all')), images)
    number = np.arange(30.0)
    groups = by_condition(
        scored, dict(camera=scored.camids.astype(str), number=number, same=np.ones(30), word=np.full(30, 'x'))
    )
    assert [(group.condition, group.value, group.queries) for group in groups] == [
        ('camera', '3', 15),
        ('camera', '6', 15),
        ('number', '0 to 7.25', 8),
        ('number', '7.25 to 14.5', 7),
        ('number', '14.5 to 21.8', 7),
        ('number', '21.8 to 29', 8),
    ]
    for start in (0, 2):
        part = [group for group in groups if group.condition == groups[start].condition]
        whole = sum(group.queries * group.figures for group in part) / 30
        assert whole == pytest.approx(scored.figures.mean(axis=1))
    of_camera = scored.ap[:, scored.camids == 3]  # one query of each person
    assert groups[0].figures[1] == pytest.approx(of_camera.mean())
    assert groups[0].errors[1] == pytest.approx(of_camera.mean(axis=0).std(ddof=1) / 15**0.5, rel=0.08)


def test_conditions_of_drawn_images(tmp_path):
    spec = SynVISpec('sysu', 'easy', (1, 0, 3), 1, (32, 16))
    write_synvi(tmp_path / 'set', spec)
    planned = [(pid, image) for pid in (1, 2, 3) for image in person_images(spec, pid) if image.camera.key in (3, 6)]
    pids = np.array([pid for pid, _ in planned])
    found = query_conditions([str(tmp_path / 'set' / image.path) for _, image in planned], pids)
    assert (found['height of the image, pixels'] == 32).all()
    assert ((0 < found['brightness, 0 to 255']) & (found['brightness, 0 to 255'] < 255)).all()
    assert set(found['occlusion']) <= {'free', 'occluded'}
    nearest = [set(found['distance to the most similar clothes'][pids == pid]) for pid in (1, 2, 3)]
    assert all(len(distances) == 1 and min(distances) > 0 for distances in nearest)
    two_nearest = sorted(min(distances) for distances in nearest)
    assert two_nearest[0] == two_nearest[1]  # the nearest two people are each other's
