import pytest

from haresreid.analysis import BranchGradients, BranchReport, Retrieval, StageBranches, Stream
from haresreid.visualization import draw_branches

STAGES = [
    StageBranches(
        0.1 * stage, 0.5, 0.2, 0.3, *(Stream(rms, 0.6, 0.7) for rms in (1.0, 2.0, 10.0**stage, 5.0)), 0.9, 0.8, 0.05
    )
    for stage in range(1, 5)
]
RETRIEVAL = {'sysu/all': {'as trained': Retrieval(13.4, 16.9), 'both held': Retrieval(8.8, 11.2)}}


def report(gradients) -> BranchReport:
    return BranchReport(dict(name='epoch_1.pth'), 128, STAGES, gradients, RETRIEVAL)


@pytest.mark.parametrize('gradients', [[BranchGradients(1.0, 0.5)] * 4, None])
def test_bars_are_as_high_as_the_numbers(gradients, tmp_path):
    figure = draw_branches(report(gradients), tmp_path / 'branches.png')
    assert (tmp_path / 'branches.png').stat().st_size > 0
    heights = {axes.get_title(): [bar.get_height() for bar in axes.patches] for axes in figure.axes}
    assert heights['spread between images / size'] == pytest.approx([0.1, 0.2, 0.3, 0.4, *[0.2] * 4, *[0.3] * 4])
    assert heights['residual stream, rms'] == pytest.approx([*[1] * 4, 10, 100, 1000, 10000, *[5] * 4])
    assert heights['sysu/all: outputs of TE held at their means (%)'] == pytest.approx([13.4, 8.8, 16.9, 11.2])
    shown = heights['gradient norm of a training batch']
    assert shown == (pytest.approx([*[1] * 4, *[0.5] * 4]) if gradients else [])
