import shutil

import pytest
from PIL import Image

from haresreid.report import read_run


def test_the_last_epochs_checkpoint(run_dir):
    for name in ('epoch_9.pth', 'best_own_v2i_mAP_epoch_30.pth', 'epoch_20.pth'):
        (run_dir / name).touch()
    (run_dir / 'last_checkpoint').write_text('/where/it/was/trained/epoch_9.pth')
    assert read_run(run_dir).checkpoint == run_dir / 'epoch_20.pth'
    assert read_run(run_dir, checkpoint=run_dir / 'epoch_9.pth').checkpoint == run_dir / 'epoch_9.pth'


def test_what_is_read(run_dir):
    run = read_run(run_dir)
    assert run.name == 'own' and run.cfg.randomness.seed == 3
    assert [record['step'] for record in run.training_records] == [9, 18, 27]  # not the half line behind them
    assert list(run.metrics['protocols']['own/v2i']) == ['ours', 'chance', 'hog']
    assert len(run.features) == 24


def test_features_of_other_images_than_the_figures(run_dir, finished, tmp_path):
    shutil.copytree(finished.parents[1] / 'data', tmp_path / 'data')
    Image.new('RGB', (48, 96)).save(tmp_path / 'data/0_1.png')
    with pytest.raises(ValueError, match='The test images at hand .* are not those of metrics.json .*--data-root'):
        _ = read_run(run_dir, data_root=str(tmp_path / 'data')).features


@pytest.mark.parametrize(
    'there, message',
    [
        (None, 'run is no folder; a run holds its resolved config, <config name>.py'),
        ([], 'run is empty; a run holds'),
        (['a.txt', 'b.pth'], r'run holds a.txt, b.pth; a run holds .* give the work directory of a training'),
        (list('abcdef'), r'run holds a, b, c, d, e, \.\.\.; a run holds'),
    ],
)
def test_no_run(tmp_path, there, message):
    if there is not None:
        (tmp_path / 'run').mkdir()
    for name in there or ():
        (tmp_path / 'run' / name).touch()
    with pytest.raises(FileNotFoundError, match=message):
        read_run(tmp_path / 'run')


def test_missing_files(run_dir):
    for option in ('source', 'checkpoint'):
        with pytest.raises(FileNotFoundError, match='There is no file nowhere'):
            read_run(run_dir, **{option: 'nowhere'})
