"""haresreid hub, with a folder in the place of the hub, and with the hub's client replaced."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from haresreid.apis import init_model
from haresreid.cli.main import main
from haresreid.config.config import config_hash, load_config
from haresreid.deploy.hub import is_hub_name
from haresreid.deploy.publish import write_safetensors
from haresreid.evaluation import FeatureSet, by_protocol, evaluate_rows, protocol_by_name, write_results
from haresreid.evaluation.results import describe_checkpoint
from haresreid.files.checkpoint_file import peek_checkpoint
from haresreid.registry import MODELS

CONFIG = str(Path(__file__).parents[2] / 'configs/haresformer_synth.py')
NARROW = {'model.backbone.encoder.base_channels': 8, 'model.head.stage_channels': (8, 16, 32, 64)}


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """The folder of a training with a checkpoint and its card, and its data elsewhere on this machine."""
    folder = tmp_path_factory.mktemp('made') / 'run'
    folder.mkdir()
    cfg = load_config(CONFIG, NARROW)
    cfg.work_dir = str(folder)
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        cfg[loader].dataset.data_root = '/home/somebody/data/SynVI'
    cfg.dump(str(folder / 'haresformer_synth.py'))
    init_default_scope('haresreid')
    torch.manual_seed(0)
    torch.save(dict(state_dict=MODELS.build(cfg.model).state_dict(), meta=dict(epoch=3)), folder / 'epoch_3.pth')
    checkpoint = describe_checkpoint(str(folder / 'epoch_3.pth'))
    info = dict(config=dict(name='haresformer_synth', hash=config_hash(cfg)), checkpoint=checkpoint)
    images = FeatureSet([[1, 0], [1, 0]], [1, 1], [1, 2], [0, 1], ['v.jpg', 'i.jpg'], info)
    write_results(folder / 'metrics.json', by_protocol(evaluate_rows(images, [protocol_by_name('own/v2i')])), images)
    return folder


@pytest.fixture
def hub(made, tmp_path, monkeypatch):
    """``hub('push', ...)`` in a folder that has the training as ``run``."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, 'run')

    def run(*arguments: str) -> None:
        monkeypatch.setattr(sys, 'argv', ['haresreid', 'hub', *arguments])
        main()

    return run


def refused(hub, *arguments) -> str:
    with pytest.raises(SystemExit) as error:
        hub(*arguments)
    return str(error.value)


def test_to_a_folder_and_back(hub, made, capsys):
    hub('push', 'run/epoch_3.pth', './hub', '--license', 'apache-2.0')
    assert sorted(file.relative_to('hub').as_posix() for file in Path('hub').rglob('*.*')) == [
        'README.md',
        'cards/00.json',
        'config.py',
        'model.safetensors',
    ]
    page = Path('hub/README.md').read_text()
    assert page.startswith('---\nlibrary_name: haresreid\nlicense: apache-2.0\n') and '| own/v2i | 100.00 |' in page
    assert not any('somebody' in file.read_bytes().decode(errors='ignore') for file in Path('hub').rglob('*.*'))

    hub('pull', './hub', 'model')
    assert 'haresreid test model/config.py model/model.safetensors' in capsys.readouterr().out
    cfg = load_config('model/config.py')
    assert config_hash(cfg) == config_hash(load_config(CONFIG, NARROW))
    loaded = init_model(cfg, 'model/model.safetensors').state_dict()
    expected = torch.load(made / 'epoch_3.pth', weights_only=True)['state_dict']
    assert all(torch.equal(loaded[name], value) for name, value in expected.items())
    assert json.loads(Path('model/cards/00.json').read_text()) == json.loads((made / 'metrics.json').read_text())
    assert not list(Path().glob('tmp*'))


def test_to_the_hub_and_back(hub, monkeypatch):
    huggingface_hub = pytest.importorskip('huggingface_hub')
    calls = []

    class Api:
        def create_repo(self, name, private, exist_ok):
            calls.append((name, private))

        def upload_folder(self, repo_id, folder_path, commit_message):
            shutil.copytree(folder_path, 'remote')

    def snapshot_download(name, revision, local_dir, allow_patterns):
        calls.append((name, revision))
        shutil.copytree('remote', local_dir)
        Path(local_dir, '.cache').mkdir()

    monkeypatch.setattr(huggingface_hub, 'HfApi', Api)
    monkeypatch.setattr(huggingface_hub, 'snapshot_download', snapshot_download)
    hub('push', 'run/epoch_3.pth', 'me/narrow', '--private')
    hub('pull', 'me/narrow', 'model', '--revision', 'v1')
    assert calls == [('me/narrow', True), ('me/narrow', 'v1')]
    assert sorted(file.name for file in Path('model').iterdir()) == [
        'README.md',
        'cards',
        'config.py',
        'model.safetensors',
    ]


def test_a_hub_that_cannot_be_reached(hub, monkeypatch):
    huggingface_hub = pytest.importorskip('huggingface_hub')

    def offline(*args, **kwargs):
        raise huggingface_hub.errors.OfflineModeIsEnabled('offline mode is enabled')

    monkeypatch.setattr(huggingface_hub, 'snapshot_download', offline)
    said = refused(hub, 'pull', 'me/narrow', 'model')
    assert (
        said == ('error: me/narrow of the hub cannot be reached (OfflineModeIsEnabled: offline mode is enabled)')
        and not Path('model').exists()
    )


def test_what_is_refused(hub):
    hub('push', 'run/epoch_3.pth', './hub')
    assert './hub is there already' in refused(hub, 'push', 'run/epoch_3.pth', './hub').replace('error: hub', './hub')
    assert 'there is no folder ./nowhere' in refused(hub, 'pull', './nowhere', 'model').replace(
        'folder nowhere', 'folder ./nowhere'
    )
    card, config = Path('hub/cards/00.json'), Path('hub/config.py')
    sealed, dumped = card.read_text(), config.read_text()
    card.write_text(sealed.replace('"R1": 1.0', '"R1": 0.9'))
    assert '00.json has no seal, or a broken one' in refused(hub, 'pull', './hub', 'model')
    card.write_text(sealed)
    config.write_text("import os\nos.mkdir('executed')\n" + dumped)
    assert 'config.py is not read' in refused(hub, 'pull', './hub', 'model') and not Path('executed').exists()
    config.write_text(dumped.replace('margin=0.3', 'margin=0.4'))
    assert 'model.safetensors is of another config' in refused(hub, 'pull', './hub', 'model')
    config.unlink()
    config.symlink_to('README.md')
    assert 'config.py is a link' in refused(hub, 'pull', './hub', 'model')
    Path('hub/cards').rename('elsewhere')
    Path('hub/cards').symlink_to('../elsewhere')
    config.unlink()
    config.write_text(dumped)
    assert 'cards is a link' in refused(hub, 'pull', './hub', 'model')
    assert not Path('model').exists()


def test_what_would_run_code_or_does_not_say_what_it_is(hub):
    """A config is data when it is pulled, but ``haresreid test`` builds hooks from it."""
    hub('push', 'run/epoch_3.pth', './hub')
    config, weights = Path('hub/config.py'), peek_checkpoint('hub/model.safetensors')
    dumped = config.read_text()
    config.write_text(f"{dumped}\ncustom_hooks = [dict(type='subprocess.Popen', args=['touch', 'executed'])]\n")
    assert "'subprocess.Popen', by which it could run code" in refused(hub, 'pull', './hub', 'model')
    config.write_text(f"{dumped}\nvis_backends = [dict(type='WandbVisBackend')]\n")
    assert "'WandbVisBackend', by which" in refused(hub, 'pull', './hub', 'model')
    config.write_text(dumped)
    for meta in (dict(config=[1]), dict(checkpoint=3)):
        write_safetensors(weights['state_dict'], {**weights['meta'], **meta}, Path('hub/model.safetensors'))
        assert 'found/model.safetensors' in refused(hub, 'pull', './hub', 'model')
    assert not Path('model').exists()


def test_names_of_the_hub_and_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path('a/b').mkdir(parents=True)
    assert is_hub_name('owner/my-model_1.0')
    assert not any(map(is_hub_name, ['./owner', 'a/b', '/x/y', '../x/y', 'owner', 'a/b/c']))
