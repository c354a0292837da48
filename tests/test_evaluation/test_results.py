import json

import numpy as np
import pytest

from haresreid.evaluation import FeatureSet, ProtocolResult, data_fingerprint, format_results, write_results


def result(name, *rank1):
    values = np.array(rank1)
    figures = dict.fromkeys(('R1', 'R5', 'R10', 'R20', 'mAP', 'mINP'), values)
    trials = tuple(range(len(values)))
    return ProtocolResult(name, trials, figures, np.tile(values[:, None], 20), 38, np.full(len(values), 30),
                          np.arange(7, 7 + len(values)))


@pytest.fixture
def results():
    return {
        'sysu/all': dict(ours=result('sysu/all', .5, .75), chance=result('sysu/all', .01, .03)),
        'regdb/v2i': dict(ours=result('regdb/v2i', .25))
    }


def test_table(results):
    several, single = format_results(results).split('\n\n')
    assert several.splitlines()[0] == ('sysu/all: 38 queries (30 valid), gallery 7-8, 2 trials; percent, '
                                       'mean ± std over trials')
    assert several.splitlines()[2].split()[:4] == ['ours', '62.50', '±', '12.50']
    assert single.splitlines()[0] == 'regdb/v2i: 38 queries (30 valid), gallery 7, 1 trial; percent'
    assert single.splitlines()[2].split() == ['ours'] + ['25.00'] * 6


@pytest.fixture
def feature_set(tmp_path):
    paths = [tmp_path / 'data' / name for name in ('cam1/a.jpg', 'cam3/b.jpg', 'cam3/c.jpg')]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'12345')
    return FeatureSet(np.eye(3), [4, 4, 9], [1, 3, 3], [0, 1, 1], [str(path) for path in paths])


def test_json(results, feature_set, tmp_path):
    write_results(tmp_path / 'metrics.json', results, feature_set, 'post_bn', dict(dataset='SYSU-MM01'))
    content = json.loads((tmp_path / 'metrics.json').read_text())
    ours = content['protocols']['sysu/all']['ours']
    assert ours['per_trial']['R1'] == [.5, .75] and ours['mean']['R1'] == .625 and ours['std']['R1'] == .125
    assert ours['trials'] == [0, 1] and ours['num_queries'] == 38 and len(ours['cmc']) == 20
    assert set(content['protocols']['sysu/all']) == {'ours', 'chance'}
    assert content['feature'] == 'post_bn'
    assert content['data']['dataset'] == 'SYSU-MM01' and content['data']['identities'] == 2
    assert content['data']['images'] == dict(visible=1, infrared=2)
    assert content['software']['numpy'] == np.__version__


def test_fingerprint_follows_the_data_and_not_their_place(feature_set, tmp_path):
    before = data_fingerprint(feature_set)
    moved = (tmp_path / 'data').rename(tmp_path / 'elsewhere')
    feature_set.img_paths = [path.replace(str(tmp_path / 'data'), str(moved)) for path in feature_set.img_paths]
    assert data_fingerprint(feature_set) == before
    (moved / 'cam1' / 'a.jpg').write_bytes(b'123456')
    assert data_fingerprint(feature_set) != before
