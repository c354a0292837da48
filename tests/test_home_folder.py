"""``~`` is the home folder wherever a path is given from Python, for reading and for writing."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from haresreid.apis import Features
from haresreid.apis.inputs import open_images
from haresreid.apis.model_names import find_config
from haresreid.checking import check_dataset
from haresreid.cli.work_dir import choose_work_dir
from haresreid.config.config import load_config, read_overrides
from haresreid.datasets import ManifestDataset
from haresreid.evaluation import FeatureSet, load_external_features, protocol_by_name
from haresreid.evaluation.external_arrays import read_info
from haresreid.evaluation.results import read_results
from haresreid.files.checkpoint_file import read_checkpoint
from haresreid.files.files import write_json
from haresreid.files.paths import CONFIGS
from haresreid.report import read_run
from haresreid.search import GalleryIndex
from haresreid.search.detections import list_detections
from haresreid.synvi import SynVISpec, write_synvi
from haresreid.visualization import read_lambda_points, save_figure


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """The home folder; the working directory is another, and stays empty."""
    home, here = tmp_path / 'home', tmp_path / 'here'
    home.mkdir(), here.mkdir()
    monkeypatch.setenv('HOME', str(home))
    monkeypatch.chdir(here)
    yield home
    assert not list(here.iterdir())


def features(**labels) -> dict:
    return dict(features=np.eye(4, dtype=np.float32), modalities=np.array([0, 0, 1, 1]), **labels)


def test_everything_that_is_written(home):
    Features(**features(paths=list('abcd'))).save('~/a.npz')
    FeatureSet(**features(img_paths=list('abcd'), pids=np.arange(4), camids=np.ones(4, int))).save('~/b.npz')
    write_json('~/c.json', {})
    save_figure(SimpleNamespace(savefig=lambda file, dpi: Path(file).touch()), '~/d/figure.png')
    write_synvi('~/e', SynVISpec(num_ids=(0, 0, 1), size=(32, 16)))
    GalleryIndex.create('~/f', 4).append(np.eye(4, dtype=np.float32), list('abcd'))
    assert choose_work_dir('x.py', '~/g', resume=False) == home / 'g'
    there = {path.relative_to(home).as_posix() for path in home.rglob('*')}
    assert {'a.npz', 'b.npz', 'c.json', 'd/figure.png', 'e/synvi.json', 'f/index.json'} <= there
    # and read again
    assert len(Features.load('~/a.npz')) == len(FeatureSet.load('~/b.npz')) == len(GalleryIndex('~/f')) == 4
    assert check_dataset('~/e', quick=True).root == str(home / 'e')


def test_everything_that_is_read(home):
    """What does not exist is named where it was looked for."""
    for read in (
        read_results,
        read_checkpoint,
        list_detections,
        read_lambda_points,
        read_info,
        read_run,
        open_images,
        find_config,
        load_config,
        lambda path: ManifestDataset(data_root=path),
        lambda path: ManifestDataset(csv=path),
        lambda path: load_external_features(path, []),
        lambda path: protocol_by_name('sysu/all-official', path),
    ):
        with pytest.raises((FileNotFoundError, ValueError), match=f'{home}/nothing.py'):
            read('~/nothing.py')


def test_images_of_the_home_folder(home):
    (home / 'day').mkdir()
    Image.new('RGB', (8, 16)).save(home / 'day/1.png')
    assert open_images('~/day').names == [str(home / 'day/1.png')]


def test_paths_of_a_config_and_its_overrides(home):
    config = home / 'mine.py'
    config.write_text(
        'from mmengine.config import read_base\nwith read_base():\n'
        '    from .haresformer_synth import *\nwork_dir = "~/run"\n'
        'train_dataloader.dataset.data_root = "~/data"\n'
    )
    for file in CONFIGS.glob('*'):
        (home / file.name).symlink_to(file)
    overrides = read_overrides(['load_from=~/a.pth', 'train_dataloader.dataset.cache_dir=~/cache'])
    cfg = load_config('~/mine.py', overrides)
    assert (cfg.work_dir, cfg.load_from) == (f'{home}/run', f'{home}/a.pth')
    dataset = cfg.train_dataloader.dataset
    assert (dataset.data_root, dataset.cache_dir) == (f'{home}/data', f'{home}/cache')
