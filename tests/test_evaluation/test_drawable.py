from types import SimpleNamespace

import numpy as np
import pytest

from haresreid.evaluation import protocol_by_name
from haresreid.evaluation.drawable import require_drawable


def images(cameras, pids=(1, 2), dataset='manifest', infrared=(3, 6)):
    """One image of every person in every camera."""
    pid, camid = (grid.ravel() for grid in np.meshgrid(pids, cameras, indexing='ij'))
    return SimpleNamespace(
        pids=pid,
        camids=camid,
        modalities=np.isin(camid, infrared).astype(int),
        img_paths=[f'{a}/{b}.jpg' for a, b in zip(pid, camid)],
        metainfo=dict(dataset=dataset),
    )


@pytest.mark.parametrize(
    'name, cameras, dataset',
    [
        ('sysu/all', (1, 2, 3, 6), 'SYSU-MM01'),
        ('sysu/indoor', (1, 2, 3, 6), 'manifest'),
        ('own/v2i', (1, 3), 'SYSU-MM01'),
    ],
)
def test_what_can_be_drawn_passes(name, cameras, dataset):
    require_drawable(images(cameras, dataset=dataset), protocol_by_name(name))


@pytest.mark.parametrize(
    'name, cameras, dataset, said',
    [
        ('llcm/v2i', (1, 3), 'SYSU-MM01', 'llcm/v2i is no protocol of SYSU-MM01'),
        ('regdb/i2v', (1, 3), 'SYSU-MM01', 'sysu/'),
        ('sysu/all', (2, 3, 6), 'manifest', 'queries of camera 3 see no gallery image'),
        ('sysu/indoor', (4, 5, 6), 'manifest', 'no visible gallery image'),
        ('llcm/i2v', (6,), 'manifest', 'no visible gallery image'),
    ],
)
def test_what_cannot_is_refused(name, cameras, dataset, said):
    with pytest.raises(ValueError, match=said):
        require_drawable(images(cameras, dataset=dataset), protocol_by_name(name))


def test_some_queries_may_have_no_match_but_not_all():
    few = images((1, 3), pids=(1, 2, 3))
    few.pids[few.modalities == 0] = [1, 8, 9]
    require_drawable(few, protocol_by_name('own/v2i'))
    few.pids[few.modalities == 0] = [7, 8, 9]
    with pytest.raises(ValueError, match='3 queries of 3 people, gallery of 3'):
        require_drawable(few, protocol_by_name('own/v2i'))


def test_a_synthetic_set_has_the_rules_of_its_layout():
    synthetic = images((1, 2, 3, 6), dataset='SynVI')
    synthetic.metainfo['layout'] = 'sysu'
    require_drawable(synthetic, protocol_by_name('sysu/all'))
    with pytest.raises(ValueError, match='layout sysu'):
        require_drawable(synthetic, protocol_by_name('regdb/v2i'))
