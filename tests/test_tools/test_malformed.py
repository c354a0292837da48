"""What a user gets wrong, and what each tool says: one sentence, no traceback, and nothing on the disk is changed."""

import os
import re
import runpy
import struct
import sys
import zlib
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from PIL import Image

from haresreid.config.config import load_config
from haresreid.evaluation import FeatureSet
from haresreid.registry import MODELS
from haresreid.synvi import SynVISpec, write_synvi

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / 'configs'
SYNTH, SYNTH_REGDB = str(CONFIGS / 'haresformer_synth.py'), str(CONFIGS / 'haresformer_synth_regdb.py')
SYSU, REGDB = str(CONFIGS / 'haresformer_sysu.py'), str(CONFIGS / 'haresformer_regdb.py')
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
# the synthetic config with eight people, drawn once below
TINY = (
    '--data-root=synvi',
    '--cfg-options',
    *(f'{loader}.dataset.num_ids=(8,0,8)' for loader in LOADERS),
)
UNWRITABLE = '/sys/haresreid'  # where not even root may make a folder


class Case(NamedTuple):
    """A command line, and what its last line must say."""

    name: str
    tool: str
    arguments: tuple[str, ...]
    sentence: str
    logs: bool = False  # whether it takes the model, by then the work directory has a log


CASES = [
    # configs
    Case('no such config', 'train.py', ('nowhere.py',), r'no config file at nowhere\.py'),
    Case(
        'misspelled config', 'train.py', (SYNTH.replace('synth', 'synht'),), r'did you mean .*haresformer_synth\.py\?'
    ),
    Case('folder as config', 'train.py', ('regdb',), 'no config file at regdb'),
    Case('binary config', 'train.py', ('binary.py',), r'binary\.py cannot be read as a config'),
    Case('text as config', 'train.py', ('notes.txt',), r'notes\.txt is no config'),
    Case(
        'syntax error in a config', 'train.py', ('syntax.py',), r'syntax\.py cannot be read as a config \(SyntaxError'
    ),
    Case('missing base', 'train.py', ('baseless.py',), r'baseless\.py cannot be read as a config .*nobase'),
    Case('error in a config', 'test.py', ('divides.py', 'none.pth'), r'divides\.py cannot be read as a config \(Zero'),
    Case(
        'unknown key', 'train.py', ('unknown_key.py',), "unknown config key 'lerning_rate' in optim_wrapper.optimizer"
    ),
    Case('unknown key at the top', 'train.py', ('unknown_top.py',), "'train_dataloder' .*mean 'train_dataloader'"),
    Case('wrong type', 'train.py', ('wrong_type.py',), "optim_wrapper.optimizer.lr must be a number, not 'fast'"),
    Case(
        'unknown model part',
        'analysis/get_flops.py',
        (SYNTH, '--cfg-options', 'model.backbone.type=ResNot'),
        'ResNot is not in the haresreid::model registry',
    ),
    Case(
        'value that fits nothing',
        'analysis/get_flops.py',
        (SYNTH, '--cfg-options', 'model.backbone.img_size=7'),
        'img_size must be .height, width., not 7',
    ),
    Case(
        'model that is a number',
        'analysis/get_flops.py',
        (SYNTH, '--cfg-options', 'model.backbone=5'),
        'must be a dict',
    ),
    Case(
        'loader that is a number', 'train.py', (SYNTH, '--cfg-options', 'train_dataloader.dataset=5'), 'must be a dict'
    ),
    Case(
        'block that fits nothing',
        'analysis/get_flops.py',
        (SYNTH, '--cfg-options', 'model.backbone.encoder=18'),
        'VIReID cannot be built with what the config gives it',
    ),
    Case('config of no model', 'analysis/draw.py', ('cost', 'empty.py'), r'empty\.py has no model'),
    # command lines
    Case(
        'option without =',
        'train.py',
        (SYNTH, '--cfg-options', 'train_cfg.max_epochs'),
        "argument --cfg-options: 'train_cfg.max_epochs' is no KEY=VALUE",
    ),
    Case(
        'option with a call',
        'analysis/get_flops.py',
        (SYNTH, '--cfg-options', "custom_hooks=[dict(type='GradCacheHook',chunks=2)]"),
        'write a dict entry by entry',
    ),
    Case('option without a key', 'analysis/get_flops.py', (SYNTH, '--cfg-options', '=3'), "'=3' is no KEY=VALUE"),
    Case('unknown option key', 'train.py', (SYNTH, '--cfg-options', 'optim_wraper.optimizer.lr=1'), "'optim_wrapper'"),
    Case(
        'option of the wrong type',
        'train.py',
        (SYNTH, '--cfg-options', 'train_cfg.max_epochs=many'),
        "train_cfg.max_epochs must be a whole number, not 'many'",
    ),
    Case(
        'option below a number', 'train.py', (SYNTH, '--cfg-options', 'train_cfg.max_epochs.x=1'), 'cannot be written'
    ),
    Case('unknown option', 'train.py', (SYNTH, '--epochs', '3'), 'unrecognized arguments: --epochs'),
    Case('split that is no number', 'train.py', (SYNTH_REGDB, '--split', 'one'), "--split: invalid int value: 'one'"),
    Case('no such split', 'train.py', (REGDB, '--data-root=regdb', '--split', '11'), r'splits 1\.\.10, got split=11'),
    Case('split of a set without', 'test.py', (SYSU, 'none.pth', '--split', '2'), 'data set without splits'),
    Case('negative seed', 'train.py', (SYNTH, '--seed', '-1'), '--seed'),
    Case('misspelled protocol', 'test.py', (SYNTH, 'none.pth', '--protocols', 'sysu/al'), "did you mean 'sysu/all'"),
    Case(
        'protocol without its file', 'evaluate.py', ('good.npz', '--protocols', 'sysu/all-official'), '--rand-perm-cam'
    ),
    Case(
        'protocol file of text',
        'evaluate.py',
        ('good.npz', '--protocols', 'sysu/all-official', '--rand-perm-cam', 'notes.txt'),
        r'notes\.txt',
    ),
    Case('one checkpoint for all splits', 'test_splits.py', (SYNTH_REGDB, 'one.pth'), r'write \{split\}'),
    Case('split twice', 'test_splits.py', (SYNTH_REGDB, '{split}.pth', '--splits', '1', '1'), 'each split counts once'),
    Case(
        'missing checkpoints of splits',
        'test_splits.py',
        (SYNTH_REGDB, '{split}.pth'),
        '10 of 10 checkpoints are missing',
    ),
    Case('name without =', 'evaluate.py', ('good.npz', '--names', 'query_f'), "--names.*'query_f'"),
    Case('no such figure', 'analysis/draw.py', ('histogram', 'good.npz'), "invalid choice: 'histogram'"),
    Case(
        'no such query',
        'analysis/draw.py',
        ('ranked', 'good.npz', '--queries', '999', '--protocol', 'own/v2i', '--out', 'x.png'),
        '999|on disk',
    ),
    Case('no such table', 'reproduce.py', ('tabel5', '--dataset', 'synth'), 'table5'),
    Case('no such data set', 'reproduce.py', ('table5', '--dataset', 'market'), 'market'),
    Case('no seeds', 'reproduce.py', ('table5', '--dataset', 'synth', '--seeds', '0'), 'no number from 1 up'),
    Case('no runs', 'model_zoo.py', ('results', 'empty_folder'), 'empty_folder holds no finished run'),
    Case('image of no size', 'analysis/get_flops.py', (SYNTH, '--size', '0', '48'), '--size'),
    Case('no heads', 'analysis/scaling.py', (SYNTH, '--heads', '0'), '--heads'),
    Case('set of a negative seed', 'dataset/make_synvi.py', ('new_set', '--seed', '-1'), 'seed must not be negative'),
    Case(
        'set of unequal halves',
        'dataset/make_synvi.py',
        ('new_set', '--layout', 'regdb', '--num-ids', '2', '0', '3'),
        'train \\+ val must equal test',
    ),
    Case('sheet that is no picture', 'dataset/make_synvi.py', ('new_set', '--sheet', 'sheet.txt'), r'to a \.png file'),
    Case('sheet that is there', 'dataset/make_synvi.py', ('new_set', '--sheet', 'there.png'), 'is there already'),
    # data
    Case('no data', 'train.py', (REGDB, '--data-root=nowhere'), "data root 'nowhere' does not exist"),
    Case('empty data root', 'train.py', (REGDB, '--data-root=empty_folder'), "'empty_folder' lacks"),
    Case('data root one level off', 'train.py', (REGDB, '--data-root=.'), r"'\.' lacks"),
    Case('data root that is a file', 'train.py', (REGDB, '--data-root=notes.txt'), r'notes\.txt'),
    Case(
        'id list with letters',
        'train.py',
        (SYSU, '--data-root=sysu'),
        r"train_id\.txt', line 1: expected comma-separated",
    ),
    Case(
        'listed image that is missing',
        'train.py',
        (REGDB, '--data-root=regdb', '--split', '2'),
        r"1 of \d+ images listed in .*train_visible_2\.txt' do not exist",
    ),
    Case(
        'label of two people',
        'train.py',
        (REGDB, '--data-root=regdb', '--split', '3'),
        'label 0 stands for identity 1 and',
    ),
    Case(
        'line of an index file',
        'train.py',
        (REGDB, '--data-root=regdb', '--split', '4'),
        r"train_visible_4\.txt', line 2",
    ),
    Case('incomplete set', 'train.py', (REGDB, '--data-root=regdb', '--split', '1'), 'RegDB'),
    Case('set of something else', 'train.py', (SYNTH, '--data-root=regdb'), 'regdb exists but is not a SynVI set'),
    Case('set of other people', 'train.py', (SYNTH, '--data-root=synvi'), r'holds another SynVI set \(num_ids='),
    Case('nothing to check', 'dataset/check.py', ('regdb', 'nowhere'), 'nowhere'),
    Case('file to check', 'dataset/check.py', ('notes.txt',), r'notes\.txt'),
    Case(
        'report inside the data',
        'dataset/check.py',
        ('regdb', 'regdb', '--json', 'regdb/report.json'),
        'in the data root',
    ),
    *(
        Case(
            f'{fault} image',
            'evaluate.py',
            (f'{fault}.npz', '--protocols', 'own/v2i', '--references', 'hog'),
            rf'{fault}/0\.jpg',
        )
        for fault in ('empty', 'truncated', 'text', 'huge')
    ),
    # checkpoints
    Case('no checkpoint', 'test.py', (SYNTH, 'none.pth', *TINY), r'no checkpoint at none\.pth'),
    Case('folder as checkpoint', 'test.py', (SYNTH, 'regdb', *TINY), 'no checkpoint at regdb'),
    Case('empty checkpoint', 'converters/convert.py', ('agw', 'empty.pth', 'out.pth'), r'empty\.pth'),
    Case('truncated checkpoint', 'test.py', (SYNTH, 'truncated.pth', *TINY), r'truncated\.pth .*damaged'),
    Case('text as checkpoint', 'test.py', (SYNTH, 'text.pth', *TINY), r'text\.pth is no checkpoint'),
    Case('checkpoint that runs code', 'test.py', (SYNTH, 'crafted.pth', *TINY), r'crafted\.pth .*executes no code'),
    Case('official file that runs code', 'converters/convert.py', ('agw', 'crafted.pth', 'out.pth'), r'crafted\.pth'),
    Case(
        'figure of a checkpoint that runs code',
        'analysis/draw.py',
        ('similarity', SYNTH, 'crafted.pth', '--data-root=synvi', '--out', 'x.png'),
        r'crafted\.pth|another SynVI set',
    ),
    Case(
        'checkpoint of another depth',
        'test.py',
        (SYNTH, 'model.pth', *TINY, 'model.backbone.stage.num_layers=2'),
        'model.pth is of another architecture than this config',
        True,
    ),
    Case('checkpoint of other names', 'test.py', (SYNTH, 'names.pth', *TINY), 'another architecture', True),
    Case('list as checkpoint', 'converters/convert.py', ('agw', 'list.pth', 'out.pth'), r'list\.pth'),
    Case(
        'checkpoint of another method',
        'converters/convert.py',
        ('agw', 'names.pth', 'out.pth'),
        r'names\.pth: it does not',
    ),
    # features and results
    Case('no features', 'evaluate.py', ('nowhere.npz', '--protocols', 'own/v2i'), "no feature file 'nowhere.npz'"),
    Case('text as features', 'evaluate.py', ('notes.npz', '--protocols', 'own/v2i'), r'notes\.npz is neither an \.npz'),
    Case('text as features of MATLAB', 'evaluate.py', ('text.mat', '--protocols', 'own/v2i'), r'text\.mat is neither'),
    Case(
        'features without labels',
        'evaluate.py',
        ('lacking.npz', '--protocols', 'own/v2i'),
        r'lacking\.npz holds features',
    ),
    Case('pickled features', 'evaluate.py', ('pickled.npz', '--protocols', 'own/v2i'), 'holds Python objects'),
    Case('features that are not finite', 'evaluate.py', ('nan.npz', '--protocols', 'own/v2i'), 'not finite in 1 of'),
    Case('features of another number', 'evaluate.py', ('lengths.npz', '--protocols', 'own/v2i'), r'lengths\.npz: '),
    Case('images twice', 'evaluate.py', ('duplicates.npz', '--protocols', 'own/v2i'), 'image paths are duplicates'),
    Case('features of no recorded set', 'evaluate.py', ('good.npz',), 'name the protocols'),
    Case('figure of no features', 'analysis/draw.py', ('similarity', 'nowhere.npz', '--out', 'x.png'), r'nowhere\.npz'),
    Case('figure of text', 'analysis/draw.py', ('similarity', 'notes.npz', '--out', 'new/x.png'), r'notes\.npz'),
    Case('figure of pickled features', 'analysis/draw.py', ('tsne', 'pickled.npz', '--out', 'x.png'), r'pickled\.npz'),
    Case('figure of no training', 'analysis/draw.py', ('curves', 'empty_folder', '--out', 'x.png'), 'empty_folder'),
    Case('curve of another table', 'analysis/draw.py', ('lambda', 'notes.txt', '--out', 'x.png'), r'notes\.txt'),
    Case('no result', 'analysis/make_table.py', ('nowhere.json',), 'no result file at nowhere.json'),
    Case('result that is none', 'analysis/make_table.py', ('notes.txt',), r'notes\.txt is not a result file'),
    Case('report of no run', 'report.py', ('empty_folder',), 'empty_folder is empty'),
    Case('report of a file', 'report.py', ('notes.txt',), r'notes\.txt'),
    Case('report into nowhere', 'report.py', ('run', '--out', 'nowhere/report.html'), 'no folder nowhere'),
    # what is to be written
    Case('work directory that is a file', 'train.py', (SYNTH, '--work-dir', 'notes.txt', *TINY), r'notes\.txt'),
    Case(
        'work directory of a test that is a file',
        'test.py',
        (SYNTH, 'model.pth', '--work-dir', 'notes.txt', *TINY),
        r'notes\.txt',
    ),
    Case('work directory that cannot be made', 'train.py', (SYNTH, '--work-dir', UNWRITABLE, *TINY), UNWRITABLE),
    Case(
        'work directory in use', 'train.py', (SYNTH, '--work-dir', 'run', *TINY), 'holds checkpoints of an earlier run'
    ),
    Case('run of another seed', 'train.py', (SYNTH, '--work-dir', 'run', '--resume', '--seed', '5', *TINY), 'run'),
    Case('dump that is there', 'test.py', (SYNTH, 'model.pth', '--dump', 'good.npz', *TINY), 'such a file already'),
    Case('target that is there', 'converters/convert.py', ('agw', 'names.pth', 'model.pth'), 'is there already'),
    Case(
        'figure that is there', 'analysis/draw.py', ('similarity', 'good.npz', '--out', 'there.png'), 'is there already'
    ),
    Case(
        'results that are there',
        'evaluate.py',
        ('good.npz', '--protocols', 'own/v2i', '--out', 'results'),
        'not overwritten',
    ),
    Case(
        'results into a file', 'evaluate.py', ('good.npz', '--protocols', 'own/v2i', '--out', 'notes.txt'), 'is a file'
    ),
]


class Craft:
    """Unpickled without care, it makes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


def write_configs() -> None:
    Path('binary.py').write_bytes(bytes(range(256)))
    Path('notes.txt').write_text('bring milk')
    Path('syntax.py').write_text('model = dict(\n')
    Path('baseless.py').write_text(
        'from mmengine.config import read_base\nwith read_base():\n    from ._base_.nobase import *\n'
    )
    Path('divides.py').write_text('model = 1 / 0')
    Path('empty.py').write_text('')
    good = Path(SYNTH).read_text()
    os.symlink(CONFIGS / '_base_', '_base_')
    Path('unknown_key.py').write_text(good + 'optim_wrapper.optimizer.lerning_rate = 1\n')
    Path('unknown_top.py').write_text(good + 'train_dataloder = dict()\n')
    Path('wrong_type.py').write_text(good + "optim_wrapper.optimizer.lr = 'fast'\n")


def write_data() -> None:
    for pid in (1, 2, 3, 4):
        for folder, letter in (('Visible', 'v'), ('Thermal', 't')):
            for number in range(2):
                write_image(Path(f'regdb/{folder}/{pid}/male_front_{letter}_{number:05d}_{pid}.bmp'))
    for split in (1, 2, 3, 4):
        for subset, pids in dict(train=(1, 3), test=(2, 4)).items():
            for folder, letter in (('Visible', 'v'), ('Thermal', 't')):
                lines = [
                    f'{folder}/{pid}/male_front_{letter}_{number:05d}_{pid}.bmp {label}\n'
                    for label, pid in enumerate(pids)
                    for number in range(2)
                ]
                if subset == 'train' and folder == 'Visible':
                    lines[1] = {1: lines[1], 2: lines[1].replace('_00001_', '_00009_'), 3: lines[1], 4: 'no label\n'}[
                        split
                    ]
                    lines = [line.replace(' 1', ' 0') for line in lines] if split == 3 else lines
                file = Path(f'regdb/idx/{subset}_{folder.lower()}_{split}.txt')
                file.parent.mkdir(exist_ok=True)
                file.write_text(''.join(lines))
    for camid in range(1, 7):
        write_image(Path(f'sysu/cam{camid}/0001/0001.jpg'))
    Path('sysu/exp').mkdir()
    for name, content in dict(train='1,two', val='3', test='4').items():
        Path(f'sysu/exp/{name}_id.txt').write_text(content)


def write_image(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(len(str(path))).integers(0, 255, (24, 12, 3), dtype=np.uint8)).save(path)


def write_features() -> None:
    rng = np.random.default_rng(0)
    pids, camids = (part.ravel() for part in np.meshgrid(range(4), (1, 2, 3, 4), indexing='ij'))
    good = dict(features=rng.standard_normal((16, 8)), pids=pids, camids=camids, modalities=(camids > 2).astype(int))
    paths = [f'image_{row}.jpg' for row in range(16)]
    FeatureSet(**good, img_paths=paths).save('good.npz')
    for fault in ('empty', 'truncated', 'text', 'huge'):
        for row in range(16):
            write_image(Path(f'{fault}/{row}.jpg'))
        FeatureSet(**good, img_paths=[f'{fault}/{row}.jpg' for row in range(16)]).save(f'{fault}.npz')
    Path('empty/0.jpg').write_bytes(b'')
    Path('truncated/0.jpg').write_bytes(Path('truncated/0.jpg').read_bytes()[:300])
    Path('text/0.jpg').write_text('no image')
    header = struct.pack('>IIBBBBB', 60000, 60000, 8, 2, 0, 0, 0)
    chunks = [(b'IHDR', header), (b'IDAT', zlib.compress(b'')), (b'IEND', b'')]
    Path('huge/0.jpg').write_bytes(
        b'\x89PNG\r\n\x1a\n'
        + b''.join(
            struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
            for name, data in chunks
        )
    )

    np.savez('lacking.npz', features=good['features'])
    np.savez('pickled.npz', **{**good, 'features': good['features'].astype(object), 'img_paths': paths})
    nan = good['features'].copy()
    nan[3] = np.nan
    np.savez('nan.npz', **{**good, 'features': nan, 'img_paths': paths})
    np.savez('lengths.npz', **{**good, 'features': good['features'][:7], 'img_paths': paths})
    np.savez('duplicates.npz', **good, img_paths=paths[:15] + paths[:1])
    Path('notes.npz').write_text('no features')
    Path('text.mat').write_text('no features')


def write_checkpoints(marker: Path) -> None:
    init_default_scope('haresreid')
    cfg = load_config(SYNTH, {'train_dataloader.dataset.num_ids': (8, 0, 8)})
    torch.save(dict(state_dict=MODELS.build(cfg.model).state_dict(), meta={}), 'model.pth')
    whole = Path('model.pth').read_bytes()
    Path('truncated.pth').write_bytes(whole[: len(whole) // 2])
    Path('empty.pth').write_bytes(b'')
    Path('text.pth').write_text('no weights')
    torch.save(dict(state_dict=dict(weight=torch.zeros(2))), 'names.pth')
    torch.save([1, 2, 3], 'list.pth')
    torch.save(dict(state_dict=dict(), meta=Craft(marker)), 'crafted.pth')


def write_outputs() -> None:
    Path('empty_folder').mkdir()
    Path('run').mkdir()
    Path('run/haresformer_synth.py').write_text(Path(SYNTH).read_text())
    torch.save(dict(state_dict={}, meta=dict(seed=0, epoch=1), optimizer={}), 'run/epoch_1.pth')
    Path('results').mkdir()
    Path('results/metrics.json').write_text('{}')
    Path('there.png').write_bytes(b'a picture')


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """A user's folder with all that is malformed, and a small SynVI set that is not."""
    folder = tmp_path_factory.mktemp('user')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_configs()
        write_data()
        write_features()
        write_checkpoints(folder / 'code_ran')
        write_outputs()
        write_synvi('synvi', SynVISpec('sysu', 'easy', (8, 0, 8), size=(96, 48)), 1)
    return folder


def snapshot(folder: Path) -> dict[str, tuple]:
    """Every path below a folder, with time of change, and size and hash of a file."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mtime_ns,
            *((path.stat().st_size, sha256(path.read_bytes()).digest()) if path.is_file() else ()),
        )
        for path in folder.rglob('*')
    }


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.name.replace(' ', '_'))
def test_malformed_input_gives_one_sentence_and_changes_nothing(case, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setenv('XDG_CACHE_HOME', str(folder / 'cache'))
    monkeypatch.setattr(sys, 'argv', [case.tool, *case.arguments])
    before = snapshot(folder)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / 'tools' / case.tool), run_name='__main__')
    output = capsys.readouterr()
    code = ended.value.code
    assert code not in (0, None)
    # argparse prints its sentence itself, and so does the data checker, whose report is its output
    message = code if isinstance(code, str) else (output.err or output.out).strip().splitlines()[-1]
    assert re.search(case.sentence, message), message
    assert '\n' not in message and 'Traceback' not in output.out + output.err
    after = snapshot(folder)
    if case.logs:
        before, after = (
            {path: what for path, what in files.items() if not path.startswith('work_dirs')}
            for files in (before, after)
        )
    assert after == before
    assert not (folder / 'code_ran').exists()
