"""The rules of HITSZ-VCM and BUPTCampus against loops as their released code has them."""

import numpy as np
import pytest

from haresreid.evaluation import FeatureSet, evaluate, load_external_features, protocol_by_name
from haresreid.evaluation.functional import l2_normalize
from haresreid.structures import Modality


@pytest.fixture
def tracks():
    """12 people in 3 cameras and both modalities, two tracks each; one query of each, in either modality."""
    rng = np.random.default_rng(0)
    grid = np.meshgrid(range(12), range(1, 4), (0, 1), range(2), indexing='ij')
    pids, camids, modalities, numbers = (part.ravel() for part in grid)
    features = l2_normalize(rng.standard_normal((12, 8))[pids] + 1.5 * rng.standard_normal((len(pids), 8)))
    queries = (camids == 1 + pids % 3) & (modalities == pids % 2) & (numbers == 0)
    return FeatureSet(features, pids, camids, modalities, [f'{i:03d}.jpg' for i in range(len(pids))], queries=queries)


def slow(images, query, gallery, camera_rule):
    """Rank-1 and mAP, query by query and rank by rank."""
    hits, precisions = [], []
    for row in query:
        ranked = sorted(gallery, key=lambda other: -images.features[row].astype(float) @ images.features[other])
        if camera_rule:
            own = (images.pids[row], images.camids[row])
            ranked = [other for other in ranked if (images.pids[other], images.camids[other]) != own]
        right = [images.pids[other] == images.pids[row] for other in ranked]
        if any(right):
            hits.append(right[0])
            precisions.append(np.mean([sum(right[: i + 1]) / (i + 1) for i, hit in enumerate(right) if hit]))
    return np.mean(hits), np.mean(precisions)


@pytest.mark.parametrize('direction, kind', [('v2i', Modality.VISIBLE), ('i2v', Modality.INFRARED)])
def test_vcm_takes_all_tracks_and_hides_the_persons_own_camera(tracks, direction, kind):
    query, gallery = np.flatnonzero(tracks.modalities == kind), np.flatnonzero(tracks.modalities != kind)
    result = evaluate(tracks, protocol_by_name(f'vcm/{direction}'))
    assert (result.num_queries, result.num_gallery[0], len(result.trials)) == (72, 72, 1)
    expected = slow(tracks, query, gallery, camera_rule=True)
    assert (result.mean('R1'), result.mean('mAP')) == pytest.approx(expected, abs=1e-12)
    assert expected != slow(tracks, query, gallery, camera_rule=False)


@pytest.mark.parametrize('direction, kind', [('v2i', Modality.VISIBLE), ('i2v', Modality.INFRARED)])
def test_bupt_takes_the_listed_tracks_and_hides_none(tracks, direction, kind):
    query = np.flatnonzero(tracks.queries & (tracks.modalities == kind))
    gallery = np.flatnonzero(~tracks.queries & (tracks.modalities != kind))
    result = evaluate(tracks, protocol_by_name(f'bupt/{direction}'))
    assert (result.num_queries, result.num_gallery[0]) == (6, 66)
    expected = slow(tracks, query, gallery, camera_rule=False)
    assert (result.mean('R1'), result.mean('mAP')) == pytest.approx(expected, abs=1e-12)


def test_the_list_of_queries_is_kept_in_files_and_rows(tracks, tmp_path):
    tracks.save(tmp_path / 'tracks.npz')
    for loaded in (
        FeatureSet.load(tmp_path / 'tracks.npz'),
        load_external_features(tmp_path / 'tracks.npz', [protocol_by_name('bupt/v2i')]).feature_set,
    ):
        assert np.array_equal(loaded.queries, tracks.queries)
    assert np.array_equal(tracks[10:30].queries, tracks.queries[10:30])


def test_without_a_list_of_queries_bupt_is_refused(tracks):
    tracks.queries[:] = False
    with pytest.raises(ValueError, match='bupt/v2i needs the query list of BUPTCampus'):
        evaluate(tracks, protocol_by_name('bupt/v2i'))
