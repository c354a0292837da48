import numpy as np
import pytest
from PIL import Image

from haresreid.evaluation import FeatureSet, SYSUProtocol, score_trial
from haresreid.visualization import choose_queries, draw_ranked_lists
from haresreid.visualization.style import RIGHT, WRONG

PROTOCOL = SYSUProtocol('all')


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


def cells(figure, num_columns):
    drawn = [axes for axes in figure.axes if axes.images]
    return [drawn[start : start + num_columns] for start in range(0, len(drawn), num_columns)]


def test_frames_captions_and_camera_rule(feature_set, tmp_path):
    out_file = tmp_path / 'ranked.png'
    rows = cells(draw_ranked_lists(feature_set, PROTOCOL, out_file, num_queries=4, top=10), 11)
    assert Image.open(out_file).size[0] > 800
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
            # red of the picture tells whose it is
            assert answer.images[0].get_array()[0, 0, 0] == 50 * int(other)
        assert answers[0].get_title() == '1 ✗'
    assert len({row[0].get_xlabel().splitlines()[0] for row in rows}) == 4


def test_seed_chooses_the_queries(feature_set):
    chosen = [choose_queries(feature_set, PROTOCOL, num_queries=3, seed=seed).tolist() for seed in (0, 0, 1)]
    assert chosen[0] == chosen[1] != chosen[2]
    assert all(len(set(feature_set.pids[rows])) == 3 for rows in chosen)


def slow_average_precision(feature_set, query, gallery):
    """Of one query without a camera rule, image by image."""
    order = np.argsort(-feature_set.features[gallery] @ feature_set.features[query], kind='stable')
    correct = feature_set.pids[gallery[order]] == feature_set.pids[query]
    hits = [rank for rank, hit in enumerate(correct, start=1) if hit]
    return np.mean([number / rank for number, rank in enumerate(hits, start=1)])


@pytest.mark.parametrize('rows_per_block', [3, 1000])
def test_hardest_queries_have_the_lowest_average_precision(feature_set, monkeypatch, rows_per_block):
    def blocks(queries, _):
        return (slice(start, start + rows_per_block) for start in range(0, queries, rows_per_block))

    monkeypatch.setattr('haresreid.visualization.ranked_lists.query_blocks', blocks)
    rng = np.random.default_rng(0)
    feature_set.features = rng.standard_normal((30, 4)).astype(np.float32)
    feature_set.camids[feature_set.camids == 3] = 6  # to whom no camera is hidden
    _, gallery = PROTOCOL.draw(feature_set, 2)
    queries = np.flatnonzero(feature_set.modalities == 1)
    precision = {row: slow_average_precision(feature_set, row, gallery) for row in queries}
    worst = [min((row for row in queries if feature_set.pids[row] == pid), key=precision.get) for pid in range(5)]
    expected = sorted(worst, key=precision.get)
    assert choose_queries(feature_set, PROTOCOL, 2, 'hardest').tolist() == expected
    assert choose_queries(feature_set, PROTOCOL, 2, 'hardest', num_queries=2).tolist() == expected[:2]


def test_hardest_queries_obey_the_camera_rule(feature_set):
    feature_set.features[:] = np.random.default_rng(1).standard_normal((30, 5))
    query, gallery = PROTOCOL.draw(feature_set, 0)
    distances = -feature_set.features[query] @ feature_set.features[gallery].T
    scores = score_trial(
        distances,
        PROTOCOL,
        feature_set.pids[query],
        feature_set.camids[query],
        feature_set.pids[gallery],
        feature_set.camids[gallery],
    )
    assert choose_queries(feature_set, PROTOCOL, 0, 'hardest')[0] == query[scores.ap.argmin()]


def test_listed_queries_are_drawn_as_listed(feature_set):
    path = feature_set.img_paths[11]
    rows = cells(draw_ranked_lists(feature_set, PROTOCOL, queries=[path, 5, 2], num_queries=1, top=2), 3)
    assert [row[0].get_xlabel().split()[:4] for row in rows] == [
        ['id', '1', 'cam', '6'],
        ['id', '0', 'cam', '6'],
        ['id', '0', 'cam', '3'],
    ]


@pytest.mark.parametrize(
    'queries, message',
    [
        ('easiest', "queries must be 'random', 'hardest' or a list of paths or rows, got 'easiest'"),
        (['nobody.png'], "'nobody.png' is not among the 30 images; they are like"),
        ([30], '30 is not among the 30 images'),
        ([0], r'0_1.png is no query of sysu/all, whose queries are infrared'),
    ],
)
def test_wrong_queries(feature_set, queries, message):
    with pytest.raises(ValueError, match=message):
        choose_queries(feature_set, PROTOCOL, queries=queries)


def test_invalid_queries_are_not_drawn(feature_set):
    indoor = np.isin(feature_set.camids, (1, 2))
    feature_set.pids = np.where(indoor & (feature_set.pids > 1), 99, feature_set.pids)
    for queries in ('random', 'hardest'):
        assert set(feature_set.pids[choose_queries(feature_set, SYSUProtocol('indoor'), queries=queries)]) == {0, 1}
    with pytest.raises(ValueError, match='4_6.png has no correct image in the gallery of sysu/indoor, trial 0'):
        choose_queries(feature_set, SYSUProtocol('indoor'), queries=[29])
    feature_set.pids = np.where(indoor, 99, feature_set.pids)
    with pytest.raises(ValueError, match='sysu/indoor, trial 0: no query has a correct image'):
        draw_ranked_lists(feature_set, SYSUProtocol('indoor'))


def test_missing_images(feature_set, tmp_path):
    for path in tmp_path.glob('3_*.png'):
        path.unlink()
    with pytest.raises(FileNotFoundError, match=r'of the \d+ images to draw are not on disk, the first is .*3_'):
        draw_ranked_lists(feature_set, PROTOCOL)
