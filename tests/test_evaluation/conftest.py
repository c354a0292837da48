import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from haresreid.evaluation import METRIC_NAMES, FeatureSet, ProtocolResult, write_results

COUNTS = Path(__file__).parents[1] / 'data' / 'sysu_test_counts.json'


@pytest.fixture(autouse=True)
def private_cache(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))


@pytest.fixture(scope='session')
def sysu_test_images():
    """Labels and paths of the full SYSU-MM01 test set, from its published counts; no image is needed."""
    counts = json.loads(COUNTS.read_text())
    rows = [
        (int(pid), cam, shot)
        for pid, per_cam in counts.items()
        for cam, number in enumerate(per_cam, start=1)
        for shot in range(1, number + 1)
    ]
    # A reading order that is not the protocol's, for draws must not depend on it.
    rows = [rows[index] for index in np.random.default_rng(0).permutation(len(rows))]
    pids, camids, _ = np.array(rows).T
    return SimpleNamespace(
        pids=pids,
        camids=camids,
        modalities=np.isin(camids, (3, 6)).astype(int),
        img_paths=[f'cam{cam}/{pid:04d}/{shot:04d}.jpg' for pid, cam, shot in rows],
    )


def result(protocol, base, trials=10, first_trial=0):
    """R1 = base, R5 = base + 0.01, ...; trials differ by 0.02."""
    values = [base + 0.01 * number + 0.02 * np.arange(trials) for number in range(len(METRIC_NAMES))]
    return ProtocolResult(
        name=protocol,
        description=f'rule_of {protocol} & 100 %',
        trials=tuple(range(first_trial, first_trial + trials)),
        figures=dict(zip(METRIC_NAMES, values)),
        cmc=np.zeros((trials, 20)),
        num_queries=1,
        num_valid=np.ones(trials, int),
        num_gallery=np.ones(trials, int),
    )


@pytest.fixture
def save_result(tmp_path):
    """Write a result file with the rows ours, hog (always the same) and what is asked for; its path."""

    def save(name, *protocols, base=0.25, trials=10, first_trial=0, image='a', more_rows=(), **info):
        rows = dict(ours=base, hog=0.1, **dict.fromkeys(more_rows, 0.5))
        results = {
            protocol: {row: result(protocol, value, trials, first_trial) for row, value in rows.items()}
            for protocol in protocols
        }
        feature_set = FeatureSet(
            np.eye(2),
            [1, 1],
            [1, 2],
            [0, 1],
            [f'{image}/v.jpg', f'{image}/i{image}.jpg'],
            dict(dict(feature='post_bn', flip=False, dataset=dict(dataset='X')), **info),
        )
        write_results(tmp_path / f'{name}.json', results, feature_set)
        return tmp_path / f'{name}.json'

    return save
