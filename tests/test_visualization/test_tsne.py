import numpy as np
import pytest
from matplotlib.colors import to_hex

from haresreid.visualization import choose_identities, draw_tsne, tsne_points
from haresreid.visualization.style import COLOURS


def test_identities_are_chosen_by_seed_among_those_of_both_modalities(clusters):
    assert choose_identities(clusters, 100).tolist() == list(range(10, 18))
    chosen = [choose_identities(clusters, 3, seed).tolist() for seed in range(4)]
    assert all(len(pids) == 3 and pids == sorted(pids) for pids in chosen)
    assert choose_identities(clusters, 3, 0).tolist() == chosen[0] and len(set(map(tuple, chosen))) > 1


def test_people_far_apart_are_far_apart_in_the_plane(clusters):
    rows, points = tsne_points(clusters, [11, 13, 16])
    np.testing.assert_array_equal(rows, [*range(5, 10), *range(15, 20), *range(30, 35)])
    distances = np.square(points[:, None] - points).sum(axis=2) + 1e9 * np.eye(len(points))
    np.testing.assert_array_equal(clusters.pids[rows][distances.argmin(axis=1)], clusters.pids[rows])
    np.testing.assert_array_equal(tsne_points(clusters, [11, 13, 16])[1], points)


def test_colours_markers_and_numbers(clusters, tmp_path):
    figure = draw_tsne({'ours': clusters}, tmp_path / 'tsne', pids=[11, 13])
    assert (tmp_path / 'tsne.png').exists() and (tmp_path / 'tsne.svg').exists()
    rows, points = tsne_points(clusters, [11, 13])
    (axes,) = figure.axes
    expected = [(pid, modality) for pid in (11, 13) for modality in (0, 1)]
    corners = {0: 10, 1: 26}  # of the marker's outline: a star has ten, a circle is made of curves
    for (pid, modality), drawn in zip(expected, axes.collections, strict=True):
        chosen = (clusters.pids[rows] == pid) & (clusters.modalities[rows] == modality)
        np.testing.assert_allclose(drawn.get_offsets(), points[chosen], rtol=1e-6)
        assert to_hex(drawn.get_facecolors()[0]).upper() == COLOURS[(11, 13).index(pid)]
        assert abs(len(drawn.get_paths()[0].vertices) - corners[modality]) <= 1
    assert [text.get_text() for text in axes.texts] == ['11', '13']
    assert [text.get_text() for text in figure.legends[0].texts] == ['visible', 'infrared']


def test_every_panel_shows_the_same_people(clusters):
    figure = draw_tsne({'a': clusters, 'b': clusters}, num_ids=2, seed=3)
    assert [text.get_text() for text in figure.axes[0].texts] == [text.get_text() for text in figure.axes[1].texts]


def test_refusals(clusters, monkeypatch):
    with pytest.raises(ValueError, match=r'no image of the identities \[7, 99\] among 45'):
        tsne_points(clusters, [99, 11, 7])
    clusters.pids[0] = 1
    with pytest.raises(ValueError, match=r'at least 4 images, and the identities \[1\] have 1'):
        tsne_points(clusters, [1])
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(ValueError, match=r"'sklearn', which is not installed: pip install"):
        draw_tsne({'ours': clusters})
