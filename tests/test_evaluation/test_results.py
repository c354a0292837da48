import shutil

import numpy as np
import pytest

from haresreid.evaluation import (
    FeatureSet,
    ProtocolResult,
    data_fingerprint,
    format_results,
    results_to_dict,
    write_results,
)
from haresreid.evaluation.results import describe_checkpoint, describe_data, read_results


def result(name, *rank1):
    values = np.array(rank1)
    figures = dict.fromkeys(('R1', 'R5', 'R10', 'R20', 'mAP', 'mINP'), values)
    return ProtocolResult(
        name=name,
        description=f'how {name} is drawn',
        trials=tuple(range(len(values))),
        figures=figures,
        cmc=np.tile(values[:, None], 20),
        num_queries=38,
        num_valid=np.full(len(values), 30),
        num_gallery=np.arange(7, 7 + len(values)),
    )


@pytest.fixture
def results():
    return {
        'sysu/all': dict(ours=result('sysu/all', 0.5, 0.75), chance=result('sysu/all', 0.01, 0.03)),
        'regdb/v2i': dict(ours=result('regdb/v2i', 0.25)),
    }


def test_table(results):
    results['sysu/all']['ours + k-reciprocal'] = result('sysu/all', 0.5, 0.5)
    several, single = (block.splitlines() for block in format_results(results).split('\n\n'))
    assert several[0] == 'sysu/all: how sysu/all is drawn'
    assert several[1] == '38 queries (30 valid), gallery 7-8, 2 trials; percent, mean ± std over trials'
    assert several[3].split()[:4] == ['ours', '62.50', '±', '12.50']
    assert len({len(line) for line in several[2:]}) == 1, 'a long row name shifts no column'
    assert single[1] == '38 queries (30 valid), gallery 7, 1 trial; percent'
    assert single[3].split() == ['ours'] + ['25.00'] * 6


@pytest.fixture
def feature_set(tmp_path):
    paths = [tmp_path / 'data' / name for name in ('cam1/a.jpg', 'cam3/b.jpg', 'cam3/c.jpg')]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'12345')
    return FeatureSet(np.eye(3), [4, 4, 9], [1, 3, 3], [0, 1, 1], [str(path) for path in paths])


def test_json(results, feature_set, tmp_path):
    feature_set.info = dict(
        dataset=dict(dataset='RegDB', subset='test', split=3),
        feature='post_bn',
        flip=True,
        config=dict(name='haresformer_regdb', hash='0123456789abcdef'),
        checkpoint=dict(name='epoch_80.pth', sha256='fedcba9876543210'),
    )
    write_results(tmp_path / 'metrics.json', results, feature_set)
    content = read_results(tmp_path / 'metrics.json')
    ours = content['protocols']['sysu/all']['ours']
    assert ours['per_trial']['R1'] == [0.5, 0.75] and ours['mean']['R1'] == 0.625 and ours['std']['R1'] == 0.125
    assert ours['trials'] == [0, 1] and ours['num_queries'] == 38 and len(ours['cmc']) == 20
    assert ours['description'] == 'how sysu/all is drawn'
    assert set(content['protocols']['sysu/all']) == {'ours', 'chance'}
    assert {key: content[key] for key in ('feature', 'flip', 'config', 'checkpoint')} == {
        key: value for key, value in feature_set.info.items() if key != 'dataset'
    }
    assert content['data'] == dict(
        dataset='RegDB',
        subset='test',
        split=3,
        images=dict(visible=1, infrared=2),
        identities=2,
        fingerprint=data_fingerprint(feature_set),
    )
    assert content['software']['numpy'] == np.__version__
    assert {'scipy', 'torch', 'pillow', 'opencv-python', 'haresreid', 'python'} <= set(content['software'])


def test_the_fingerprint_of_the_evaluated_files_outlives_them(results, feature_set, tmp_path):
    data = feature_set.info['dataset'] = describe_data(feature_set)
    shutil.rmtree(tmp_path / 'data')
    assert data_fingerprint(feature_set) != data['fingerprint']  # without sizes
    assert results_to_dict(results, feature_set)['data'] == data
    fewer = FeatureSet(np.eye(2), [4, 4], [1, 3], [0, 1], feature_set.img_paths[:2], feature_set.info)
    assert results_to_dict(results, fewer)['data'] == describe_data(fewer)


@pytest.mark.parametrize(
    'content',
    [
        '{"protocols": {}}',
        '[]',
        'R1 = 0.5',
        '[' * 100_000,
        '',
        '{"protocols": [], "data": {"fingerprint": ""}}',
        '{"protocols": {"sysu/all": {"ours": 1}}, "data": {"fingerprint": ""}}',
    ],
)
def test_refuses_another_kind_of_file(tmp_path, content):
    (tmp_path / 'other.json').write_text(content)
    with pytest.raises(ValueError, match='other.json is not a result file of haresreid'):
        read_results(tmp_path / 'other.json')


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='no result file at .*none.json'):
        read_results(tmp_path / 'none.json')


def test_the_line_where_json_ends_is_named(tmp_path):
    (tmp_path / 'cut.json').write_text('{\n"protocols": {\n')
    with pytest.raises(ValueError, match=r'cut\.json, line 3: this is no JSON'):
        read_results(tmp_path / 'cut.json')


def test_a_checkpoint_is_known_by_its_content(tmp_path):
    (tmp_path / 'epoch_1.pth').write_bytes(b'abc')
    assert describe_checkpoint(str(tmp_path / 'epoch_1.pth')) == dict(name='epoch_1.pth', sha256='ba7816bf8f01cfea')
    assert describe_checkpoint('https://example.org/epoch_1.pth') == dict(name='epoch_1.pth')


def test_fingerprint_follows_the_data_and_not_their_place(feature_set, tmp_path):
    before = data_fingerprint(feature_set)
    moved = (tmp_path / 'data').rename(tmp_path / 'elsewhere')
    feature_set.img_paths = [path.replace(str(tmp_path / 'data'), str(moved)) for path in feature_set.img_paths]
    assert data_fingerprint(feature_set) == before
    (moved / 'cam1' / 'a.jpg').write_bytes(b'123456')
    assert data_fingerprint(feature_set) != before
