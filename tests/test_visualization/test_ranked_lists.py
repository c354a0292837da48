import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from haresreid.evaluation import FeatureSet, SYSUProtocol
from haresreid.visualization import draw_ranked_lists
from haresreid.visualization.ranked_lists import RIGHT, WRONG


@pytest.fixture
def feature_set(tmp_path):
    """5 people in SYSU's six cameras; visible images know the person, infrared ones look like the next person."""
    rows = [(pid, camid) for pid in range(5) for camid in range(1, 7)]
    pids, camids = np.array(rows).T
    infrared = np.isin(camids, (3, 6))
    paths = [str(tmp_path / f'{pid}_{camid}.png') for pid, camid in rows]
    for pid, path in zip(pids, paths):
        Image.new('RGB', (24, 48), (int(50 * pid), 90, 120)).save(path)
    return FeatureSet(np.eye(5)[np.where(infrared, (pids + 1) % 5, pids)], pids, camids, infrared, paths)


@pytest.fixture
def figures(monkeypatch):
    """Figures as they are saved."""
    saved, savefig = [], Figure.savefig
    monkeypatch.setattr(Figure, 'savefig', lambda self, *args, **kwargs: saved.append(self) or savefig(self, *args, **kwargs))
    return saved


def cells(figure, num_columns):
    drawn = [axes for axes in figure.axes if axes.images]
    return [drawn[start:start + num_columns] for start in range(0, len(drawn), num_columns)]


def test_frames_captions_and_camera_rule(feature_set, figures, tmp_path):
    out_file = tmp_path / 'ranked.png'
    draw_ranked_lists(feature_set, SYSUProtocol('all'), out_file, num_queries=4, top=10)
    assert Image.open(out_file).size[0] > 800
    rows = cells(figures[0], 11)
    assert len(rows) == 4
    for query, *answers in rows:
        pid, camid = [line.split()[1] for line in query.get_xlabel().splitlines()[:2]]
        assert query.get_title() == 'query'
        for rank, answer in enumerate(answers, start=1):
            other, other_camid = [line.split()[1] for line in answer.get_xlabel().splitlines()[:2]]
            mark, colour = ('✓', RIGHT) if other == pid else ('✗', WRONG)
            assert answer.get_title() == f'{rank} {mark}'
            assert answer.title.get_color() == colour
            assert not (camid == '3' and other_camid == '2')
        assert answers[0].get_title() == '1 ✗'
    assert len({row[0].get_xlabel().splitlines()[0] for row in rows}) == 4


def test_seed_chooses_the_queries(feature_set, figures, tmp_path):
    for seed in (0, 0, 1):
        draw_ranked_lists(feature_set, SYSUProtocol('all'), tmp_path / 'ranked.png', num_queries=3, seed=seed, top=2)
    chosen = [[row[0].get_xlabel() for row in cells(figure, 3)] for figure in figures]
    assert chosen[0] == chosen[1] != chosen[2]


def test_invalid_queries_are_not_drawn(feature_set, figures, tmp_path):
    indoor = np.isin(feature_set.camids, (1, 2))
    feature_set.pids = np.where(indoor & (feature_set.pids > 1), 99, feature_set.pids)
    draw_ranked_lists(feature_set, SYSUProtocol('indoor'), tmp_path / 'ranked.png', top=3)
    assert {row[0].get_xlabel().splitlines()[0] for row in cells(figures[0], 4)} == {'id 0', 'id 1'}
    feature_set.pids = np.where(indoor, 99, feature_set.pids)
    with pytest.raises(ValueError, match='sysu/indoor, trial 0: no query has a correct image'):
        draw_ranked_lists(feature_set, SYSUProtocol('indoor'), tmp_path / 'ranked.png')
