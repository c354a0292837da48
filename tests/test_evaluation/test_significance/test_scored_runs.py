"""What stands for the runs of a method."""

import json

import numpy as np
import pytest

from haresreid.evaluation import FeatureSet, by_protocol, evaluate_rows, protocol_by_name, write_results
from haresreid.evaluation.functional import l2_normalize
from haresreid.evaluation.significance.scored_runs import read_runs, run_files

PROTOCOL = protocol_by_name('own/v2i')


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    pids, modalities, _ = (part.ravel() for part in np.meshgrid(range(12), range(2), range(2), indexing='ij'))
    features = l2_normalize(rng.standard_normal((12, 8))[pids] + rng.standard_normal((len(pids), 8)))
    return FeatureSet(features, pids, modalities, modalities, [f'{row:02d}.png' for row in range(len(pids))])


def write(folder, images):
    folder.mkdir(parents=True)
    write_results(folder / 'metrics.json', by_protocol(evaluate_rows(images, [PROTOCOL])), images)


def test_features_and_results_give_the_same(images, tmp_path):
    images.save(tmp_path / 'features.npz')
    write(tmp_path / 'run', images)
    [of_features] = read_runs(run_files(tmp_path / 'features.npz'), PROTOCOL)
    [of_result] = read_runs(run_files(tmp_path / 'run'), PROTOCOL)
    for name, array in vars(of_features).items():
        np.testing.assert_array_equal(getattr(of_result, name), array)


def test_a_folder_of_runs_is_one_run_per_seed(images, tmp_path):
    for seed in range(3):
        write(tmp_path / f'agw/seed_{seed}', images)
    (tmp_path / 'dumps').mkdir()
    for seed in range(2):
        images.save(tmp_path / f'dumps/seed_{seed}.npz')
    assert len(read_runs(run_files(tmp_path / 'agw'), PROTOCOL)) == 3
    assert len(read_runs(run_files(tmp_path / 'dumps'), PROTOCOL)) == 2


def test_what_is_no_run_is_refused(images, tmp_path):
    write(tmp_path / 'run', images)
    for source, message in ((tmp_path / 'no', 'There is no .*no; give features'), (tmp_path, None)):
        if message:
            with pytest.raises(FileNotFoundError, match=message):
                run_files(source)
    (tmp_path / 'empty').mkdir()
    with pytest.raises(FileNotFoundError, match='empty holds neither a metrics.json, nor folders'):
        run_files(tmp_path / 'empty')
    file = tmp_path / 'run/metrics.json'
    content = json.loads(file.read_text())
    content['protocols']['own/v2i']['ours']['mean']['mAP'] += 0.01
    file.write_text(json.dumps(content))
    with pytest.raises(ValueError, match='metrics.npz is not of .*metrics.json: its mAP is'):
        read_runs([file], PROTOCOL)
    file.with_suffix('.npz').unlink()
    with pytest.raises(FileNotFoundError, match='has no metrics.npz beside it'):
        read_runs([file], PROTOCOL)
