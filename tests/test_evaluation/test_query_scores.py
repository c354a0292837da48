"""What is kept of every query, and the file that keeps it."""

import numpy as np
import pytest

from haresreid.evaluation import (
    FeatureSet,
    LLCMProtocol,
    SYSUProtocol,
    by_protocol,
    evaluate,
    evaluate_references,
    evaluate_rows,
    write_results,
)
from haresreid.evaluation.functional import l2_normalize
from haresreid.evaluation.query_scores import read_query_scores, scored_queries


@pytest.fixture(scope='module')
def images():
    """12 people in SYSU-MM01's cameras, two images in each; cameras 1 and 2 never saw the last two."""
    pids, camids, _ = (part.ravel() for part in np.meshgrid(range(12), range(1, 7), range(2), indexing='ij'))
    seen = (pids < 10) | (camids > 2)
    pids, camids = pids[seen], camids[seen]
    rng = np.random.default_rng(0)
    features = l2_normalize(rng.standard_normal((12, 8))[pids] + rng.standard_normal((len(pids), 8)))
    paths = [f'cam{camid}/{pid}/{row}.jpg' for row, (pid, camid) in enumerate(zip(pids, camids))]
    return FeatureSet(features, pids, camids, np.isin(camids, (3, 6)), paths)


def test_scores_have_the_means_of_the_result(images):
    result = evaluate(images, SYSUProtocol('indoor'))
    scored = scored_queries(result, images)
    assert scored.valid.sum(axis=1).tolist() == [40] * 10 and scored.valid.shape == (10, 48)
    for metric, figures in zip(('R1', 'mAP', 'mINP'), scored.figures):
        assert figures == pytest.approx(result.figures[metric])
    assert set(scored.camids) == {3, 6} and set(scored.pids[~scored.valid[0]]) == {10, 11}
    assert all(
        path == f'cam{camid}/{pid}/{path.split("/")[-1]}'
        for path, pid, camid in zip(scored.img_paths, scored.pids, scored.camids)
    )


def test_the_file_of_a_result_keeps_our_rows(images, tmp_path):
    protocols = [SYSUProtocol('all'), SYSUProtocol('indoor')]
    rows = evaluate_rows(images, protocols, ['aqe']) | evaluate_references(['chance'], images, protocols)
    write_results(tmp_path / 'metrics.json', by_protocol(rows), images)
    for row in ('ours', 'ours + aqe'):
        read = read_query_scores(tmp_path / 'metrics.npz', 'sysu/indoor', row)
        expected = scored_queries(rows[row][1], images)
        for name, array in vars(expected).items():
            np.testing.assert_array_equal(getattr(read, name), array)
    with pytest.raises(ValueError, match='no scores of sysu/all, chance; it holds sysu/all/ours, sysu/all/ours . aqe'):
        read_query_scores(tmp_path / 'metrics.npz', 'sysu/all', 'chance')


def test_queries_that_change_between_draws_are_not_kept(images):
    rows = images[np.isin(images.camids, (1, 3))]
    assert scored_queries(evaluate(rows, LLCMProtocol('v2i', legacy_swap=True)), rows) is None


def test_an_old_file_does_not_outlive_its_result(images, tmp_path):
    result = evaluate(images, SYSUProtocol('all'))
    result.queries = result.scores = ()  # as from the mean over splits
    (tmp_path / 'metrics.npz').write_bytes(b'of yesterday')
    write_results(tmp_path / 'metrics.json', {'sysu/all': dict(ours=result)}, images)
    assert not (tmp_path / 'metrics.npz').exists()
