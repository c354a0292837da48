import copy
import hashlib

import numpy as np
import pytest

from haresreid.evaluation import METRIC_NAMES
from haresreid.evaluation.splits import average_splits, format_splits, join_splits

SPLITS = [10, *range(1, 10)]


def content(split):
    """A result file of one split: R1 = split / 100, R5 = split / 100 + 0.1, ..."""
    rows = {}
    for row, base in (('ours', split / 100), ('chance', 0.02)):
        mean = {metric: base + number / 10 for number, metric in enumerate(METRIC_NAMES)}
        rows[row] = dict(
            description='how',
            trials=[0],
            per_trial={metric: [value] for metric, value in mean.items()},
            mean=mean,
            std=dict.fromkeys(METRIC_NAMES, 0.0),
            cmc=[base] * 20,
            num_queries=6,
            num_valid=[split],
            num_gallery=[7],
        )
    return dict(
        protocols={'regdb/v2i': rows, 'regdb/i2v': copy.deepcopy(rows)},
        feature='post_bn',
        flip=False,
        config=dict(name='haresformer_regdb', hash='c0ffee'),
        checkpoint=dict(name='epoch_80.pth', sha256=f'of split {split}'),
        data=dict(
            dataset='RegDB',
            subset='test',
            split=split,
            images=dict(visible=6, infrared=7),
            identities=3,
            fingerprint=f'data {split}',
        ),
        software=dict(python='3'),
    )


@pytest.fixture
def contents():
    return {f'split_{split}/metrics.json': content(split) for split in SPLITS}


def test_the_mean_is_over_the_splits_by_number(contents):
    mean = average_splits(contents)
    ours = mean['protocols']['regdb/i2v']['ours']
    assert ours['trials'] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] and ours['num_valid'] == ours['trials']
    assert ours['per_trial']['R1'] == [split / 100 for split in range(1, 11)]
    assert ours['mean']['R5'] == pytest.approx(0.155, abs=1e-12)
    assert ours['std']['R5'] == pytest.approx(np.std([split / 100 for split in range(1, 11)]), abs=1e-12)
    assert ours['cmc'] == pytest.approx([0.055] * 20, abs=1e-12)
    assert mean['protocols']['regdb/v2i']['chance']['std']['mAP'] == pytest.approx(0, abs=1e-12)


def test_the_mean_says_what_it_is_of(contents):
    mean = average_splits(contents)
    fingerprints = [f'data {split}' for split in range(1, 11)]
    assert mean['data'] == dict(
        dataset='RegDB',
        subset='test',
        images=dict(visible=6, infrared=7),
        identities=3,
        splits=[*range(1, 11)],
        fingerprints=fingerprints,
        fingerprint=hashlib.sha256('\n'.join(fingerprints).encode()).hexdigest(),
    )
    assert [model['sha256'] for model in mean['checkpoints']] == [f'of split {split}' for split in range(1, 11)]
    assert (mean['feature'], mean['flip'], mean['config']['hash']) == ('post_bn', False, 'c0ffee')


def test_table(contents):
    lines = format_splits(join_splits(contents)).split('\n\n')[0].splitlines()
    assert lines[:2] == ['regdb/v2i: how', '10 splits, one model each; percent, mean ± std over splits']
    assert lines[3].split() == ['split', '1', '1.00', '11.00', '21.00', '31.00', '41.00', '51.00']
    assert lines[12].split()[:3] == ['split', '10', '10.00']
    assert lines[13].split()[:4] == ['ours', '5.50', '±', '2.87'] and lines[14].split()[0] == 'chance'
    assert len(lines) == 15 and len({len(line) for line in lines[2:]}) == 1


@pytest.mark.parametrize(
    'change, sentence',
    [
        (lambda other: other['data'].pop('split'), 'split_2/metrics.json is not of one split'),
        (
            lambda other: other['data'].update(split=7),
            'split_2/metrics.json and split_7/metrics.json are both of split 7',
        ),
        (
            lambda other: other['checkpoint'].update(sha256='of split 7'),
            'split_2/metrics.json and split_7/metrics.json are both of one checkpoint',
        ),
        (
            lambda other: other['config'].update(hash='decaf'),
            'split_10/metrics.json and split_2/metrics.json differ in their config (c0ffee and decaf)',
        ),
        (lambda other: other.update(feature='pre_bn'), 'differ in their feature (post_bn and pre_bn)'),
        (lambda other: other.update(flip=True), 'differ in their flip averaging (False and True)'),
        (lambda other: other['data'].update(dataset='SynVI'), 'differ in their data set (RegDB and SynVI)'),
        (lambda other: other['data']['images'].update(visible=5), 'differ in their number of test images'),
        (lambda other: other['protocols'].pop('regdb/i2v'), 'differ in their protocols and rows'),
        (lambda other: other['protocols']['regdb/i2v'].pop('chance'), 'differ in their protocols and rows'),
    ],
)
def test_refusals(contents, change, sentence):
    change(contents['split_2/metrics.json'])
    with pytest.raises(ValueError) as error:
        average_splits(contents)
    assert sentence in str(error.value)
