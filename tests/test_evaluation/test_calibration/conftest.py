import numpy as np
import pytest

from haresreid.evaluation import FeatureSet
from haresreid.evaluation.functional import l2_normalize


@pytest.fixture(scope='session')
def draw_people():
    """Features of people as points, with noise that is larger across modalities, in SYSU-MM01's six cameras."""

    def draw(people, seed, noise=1.0, shots=1):
        rng = np.random.default_rng(seed)
        pids, camids, shot = (
            part.ravel() for part in np.meshgrid(range(people), range(1, 7), range(shots), indexing='ij')
        )
        modalities = np.isin(camids, (3, 6)).astype(int)
        offsets = rng.standard_normal((2, people, 16))[modalities, pids]
        points = rng.standard_normal((people, 16))[pids] + 0.7 * offsets
        features = l2_normalize(points + noise * rng.standard_normal((len(pids), 16)))
        paths = [f'cam{camid}/{pid:04d}/{each}.png' for pid, camid, each in zip(pids, camids, shot)]
        info = dict(dataset=dict(dataset='SYSU-MM01', subset='test'), checkpoint=dict(name='a.pth', sha256='abc'))
        return FeatureSet(features, pids, camids, modalities, paths, info)

    return draw
