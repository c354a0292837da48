import pytest

from haresreid.synvi import SynVISpec


def test_same_values_make_the_same_spec():
    assert SynVISpec(num_ids=[2, 0, 2], size=[48, 24]) == SynVISpec(num_ids=(2, 0, 2), size=(48, 24))


@pytest.mark.parametrize(
    'wrong, words',
    [
        (dict(layout='market'), 'no layout'),
        (dict(level='hard'), 'no level'),
        (dict(num_ids=(0, 0, 0)), 'sum of 1'),
        (dict(num_ids=(8, 8)), 'num_ids'),
        (dict(level='context', num_ids=(700, 0, 21)), "1 to 720 at the level 'context'"),
        (dict(level='context', layout='regdb'), 'the thermal camera'),
        (dict(layout='regdb', num_ids=(8, 0, 6)), 'half and half'),
        (dict(images_per_camera=0), 'images_per_camera'),
        (dict(size=(8, 8)), 'size'),
        (dict(seed=-1), 'seed'),
    ],
)
def test_meaningless_fields_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        SynVISpec(**wrong)
