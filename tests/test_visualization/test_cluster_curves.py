import json

import pytest
from PIL import Image

from haresreid.visualization import draw_cluster_curves, read_cluster_curves


def scalars(path, purities):
    """A log of the purities of visible clusters; infrared ones are half as pure, and there are 10 of each."""
    records = [
        {
            'step': step,
            'clusters/visible_clusters': 10,
            'clusters/infrared_clusters': 10,
            'clusters/visible_purity': purity,
            'clusters/infrared_purity': purity / 2,
        }
        for step, purity in purities.items()
    ]
    records += [dict(loss=1.0, step=10), {'sysu/all/R1': 5.0, 'step': 1}, {'branches/tokens_1': 2.0, 'step': 1}]
    path.write_text(''.join(json.dumps(record) + '\n' for record in records) + '{"clusters/vis')
    return path


def test_lines_are_what_was_logged_and_a_resumed_run_joins_up(tmp_path):
    files = [scalars(tmp_path / 'a.json', {0: 0.1, 93: 0.2, 186: 0.9}), scalars(tmp_path / 'b.json', {186: 0.4})]
    figure = draw_cluster_curves(read_cluster_curves(files), tmp_path / 'clusters.png')
    assert Image.open(tmp_path / 'clusters.png').size[0] > 1000
    numbers, shares = (
        {line.get_label(): tuple(map(list, line.get_data())) for line in axes.lines} for axes in figure.axes
    )
    assert numbers == {f'clusters, {kind}': ([0, 93, 186], [10, 10, 10]) for kind in ('visible', 'infrared')}
    assert list(shares) == [f"clustered images of their cluster's person, {kind}" for kind in ('visible', 'infrared')]
    for line, factor in zip(shares.values(), (100, 50)):
        assert line[0] == [0, 93, 186] and line[1] == pytest.approx([factor * x for x in (0.1, 0.2, 0.4)])


def test_a_training_with_labels_has_none(tmp_path):
    assert read_cluster_curves([scalars(tmp_path / 'a.json', {})]) == {}
