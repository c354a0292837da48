import numpy as np
import pytest
from PIL import Image

from haresreid.apis import Features, rank_features, ranking


def features(rows, prefix: str = '') -> Features:
    rows = np.asarray(rows, dtype=np.float32)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return Features(rows, [f'{prefix}{row}' if prefix else '' for row in range(len(rows))], np.zeros(len(rows)))


@pytest.mark.parametrize('block', [1, 100, 2**24])
def test_the_best_come_first_and_equal_ones_in_the_gallerys_order(block, monkeypatch):
    monkeypatch.setattr(ranking, 'BLOCK', block)
    rng = np.random.default_rng(0)
    query = features(rng.normal(size=(7, 4)))
    gallery = features(np.repeat(rng.normal(size=(20, 4)), 2, axis=0))  # each image twice
    found = rank_features(query, gallery, top=5)
    assert found.indices.shape == found.scores.shape == (7, 5)
    for row, one in enumerate(query.features):
        # the slow way; a matrix product may differ from its parts in the last digit, which must not part equals
        scores = [round(float(one.astype(np.float64) @ other), 6) for other in gallery.features]
        expected = sorted(range(40), key=lambda index: (-scores[index], index))[:5]
        np.testing.assert_allclose(found.scores[row], [scores[index] for index in expected], atol=1e-6)
        assert found.indices[row, :4].tolist() == expected[:4]  # the fifth has an equal that is left out
    assert rank_features(query, gallery[:3], top=10).indices.shape == (7, 3)


def test_answers_are_plain_tuples():
    query, gallery = features([[1, 0]]), features([[0, 1], [1, 0]], 'day/')
    assert list(rank_features(query, gallery)) == [(0, 1, 'day/1', 1.0), (0, 2, 'day/0', 0.0)]
    assert list(rank_features(gallery, query)) == [('day/0', 1, 0, 0.0), ('day/1', 1, 0, 1.0)]


def test_what_cannot_be_ranked_is_refused():
    with pytest.raises(ValueError, match='have 2 numbers and gallery features 3: they come from two models'):
        rank_features(features([[1, 0]]), features([[1, 0, 0]]))
    one = features([[1, 0]])
    for query, gallery, top in ((one[:0], one, 1), (one, one[:0], 1), (one, one, 0)):
        with pytest.raises(ValueError, match='There is nothing to rank'):
            rank_features(query, gallery, top)


def test_a_picture_shows_files_and_leaves_others_grey(tmp_path):
    Image.new('RGB', (40, 90), 'red').save(tmp_path / '0', 'PNG')
    Image.new('RGB', (40, 90), 'blue').save(tmp_path / '1', 'PNG')
    query, gallery = features([[1, 1]]), features([[0, 1], [1, 0], [1, -1]], f'{tmp_path}/')
    found = rank_features(query, gallery)
    picture = np.asarray(found.draw(tmp_path / 'ranking.png'))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / 'ranking.png')), picture)
    centres = [picture[100, x].tolist() for x in (42, 126, 204, 282)]
    assert centres == [[200] * 3, [255, 0, 0], [0, 0, 255], [200] * 3]
    html = found._repr_html_()
    assert html.count('<img src="data:image/png;base64,') == 4 and 'alt="no file"' in html
    assert f'alt="{tmp_path}/1"' in html and '0.707' in html
