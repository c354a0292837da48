import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

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
