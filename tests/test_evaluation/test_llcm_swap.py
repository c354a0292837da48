import pytest

from haresreid.evaluation.llcm_swap import swapped_llcm_warning

# visible to infrared, Rank-1 / mAP: by the paper's rule, and as the README of ZYK100/LLCM has them now
RIGHT = dict(DDAG=(48.5, 53.0), LbA=(50.8, 55.9), HAResformer=(53.10, 57.04), DEEN=(62.5, 65.8))
SWAPPED = dict(
    DDAG=(51.42, 38.77),
    LbA=(54.78, 40.81),
    AGW=(63.72, 47.21),
    CAJ=(63.73, 47.71),
    MMN=(63.97, 48.47),
    DART=(65.33, 51.13),
    DEEN=(69.21, 55.52),
)


def rows(published: dict, protocol: str = 'llcm/v2i') -> dict:
    return {
        name: {f'{protocol}/R1': rank, f'{protocol}/mAP': precision} for name, (rank, precision) in published.items()
    }


def test_published_figures_are_told_apart():
    assert swapped_llcm_warning(rows(RIGHT)) is None
    for name, figures in SWAPPED.items():
        assert f'{name} (Rank-1 {figures[0]:.2f}, mAP {figures[1]:.2f})' in swapped_llcm_warning(rows({name: figures}))
    mixed = swapped_llcm_warning(rows(RIGHT) | rows({'AGW again': SWAPPED['AGW']}))
    assert 'llcm/v2i-legacy' in mixed and 'AGW again' in mixed and 'HAResformer' not in mixed


@pytest.mark.parametrize('protocol', ['llcm/v2i-legacy', 'llcm/i2v', 'sysu/all'])
def test_figures_of_another_rule_and_rows_without_both_are_passed_over(protocol):
    assert swapped_llcm_warning(rows(SWAPPED, protocol)) is None
    assert swapped_llcm_warning({'AGW': {'llcm/v2i/R1': 63.72}, 'none': {}}) is None


def test_the_line_is_at_five_points():
    assert swapped_llcm_warning(rows(dict(a=(55.0, 50.0)))) is None
    assert swapped_llcm_warning(rows(dict(a=(55.1, 50.0))))
