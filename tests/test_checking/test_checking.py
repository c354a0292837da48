import dataclasses
import json
import os
import re
import runpy
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from haresreid.catalogue import CATALOGUE
from haresreid.checking import check_dataset, contents
from haresreid.datasets import LLCM, SYSUMM01, RegDB, SynthTracks, SynthVIReID
from haresreid.evaluation import data_fingerprint
from haresreid.synvi import SynVISpec, write_synvi

TOOL = Path(__file__).parents[2] / 'tools' / 'dataset' / 'check.py'
SPECS = {
    'sysu': SynVISpec('sysu', num_ids=(2, 1, 2), images_per_camera=2, size=(48, 24)),
    'regdb': SynVISpec('regdb', num_ids=(2, 1, 3), images_per_camera=2, size=(48, 24)),
    'llcm': SynVISpec('llcm', num_ids=(1, 1, 2), images_per_camera=1, size=(48, 24)),
    'vcm': SynVISpec('vcm', num_ids=(1, 0, 1), images_per_camera=1, size=(48, 24)),
    'bupt': SynVISpec('bupt', num_ids=(1, 0, 1), images_per_camera=1, size=(48, 24), frames=2),
}
V1, T1 = 'Visible/1/synvi_v_00001_001.bmp', 'Thermal/1/synvi_t_00001_001.bmp'


@pytest.fixture(scope='session')
def clean(tmp_path_factory):
    """Layout -> root of a clean SynVI tree, not to be changed."""
    roots = {layout: tmp_path_factory.mktemp('clean') / layout for layout in SPECS}
    for layout, root in roots.items():
        write_synvi(root, SPECS[layout], workers=1)
    return roots


@pytest.fixture
def copy(clean, tmp_path):
    """Copies the clean tree of a layout, to be broken."""
    return lambda layout: shutil.copytree(clean[layout], tmp_path / 'data' / layout)


@pytest.fixture
def check(monkeypatch, capsys):
    """Runs the tool; returns its exit code and what it printed, or the message it ends on."""

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', [str(TOOL), *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(TOOL), run_name='__main__')
        return end.value.code, capsys.readouterr().out

    return run


def first(folder: Path) -> Path:
    return min(folder.iterdir())


def cut(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])


def edit(path: Path, *changes) -> None:
    text = path.read_text()
    for old, new in changes:
        text = text.replace(old, new)
    path.write_text(text)


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def swap(one: Path, other: Path) -> None:
    aside = one.with_name('aside')
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def nest(folder: Path) -> None:
    """cam4/0001 becomes cam4/cam4/0001."""
    aside = folder.rename(folder.with_name('aside'))
    folder.mkdir()
    aside.rename(folder / folder.name)


def convert(path: Path, extension: str) -> None:
    with Image.open(path) as image:
        image.save(path.with_suffix(extension))
    path.unlink()


def recode(path: Path, extension: str) -> None:
    """Another format under the old name."""
    path.write_bytes(cv2.imencode(extension, cv2.imread(str(path)))[1].tobytes())


def deepen(path: Path, kind: type) -> None:
    """Counts of a camera, from 7000 to 9000."""
    counts = np.linspace(7000, 9000, 512).reshape(32, 16).astype(kind)
    Image.fromarray(counts).save(path, format='PNG' if kind is np.uint16 else 'TIFF')


def flag(path: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = 6
    with Image.open(path) as image:
        image.save(path, exif=exif, quality=100)


def dangle(path: Path) -> None:
    path.unlink()
    path.symlink_to('gone.jpg')


# (layout, what is done to the tree, {(severity, kind): a place it must name}); no other kind may be reported
BREAKS = {
    'zero bytes': ('sysu', lambda r: cut(r / 'cam1/0001/0001.jpg', 0), {('error', 'empty file'): 'cam1/0001/0001.jpg'}),
    'truncated': (
        'sysu',
        lambda r: cut(r / 'cam2/0002/0002.jpg', 0.9),
        {('error', 'unreadable'): 'cam2/0002/0002.jpg'},
    ),
    'orientation flag': (
        'sysu',
        lambda r: flag(r / 'cam2/0002/0002.jpg'),
        {('warning', 'orientation flag'): 'cam2/0002/0002.jpg'},
    ),
    '16-bit grey': (
        'sysu',
        lambda r: deepen(r / 'cam3/0002/0002.jpg', np.uint16),
        {('warning', 'deep grey'): 'cam3/0002/0002.jpg', ('warning', 'wrong extension'): 'cam3/0002/0002.jpg'},
    ),
    'raw counts': (
        'sysu',
        lambda r: deepen(r / 'cam3/0002/0002.jpg', np.float32),
        {('error', 'raw counts'): 'cam3/0002/0002.jpg', ('warning', 'wrong extension'): 'cam3/0002/0002.jpg'},
    ),
    'no image': ('regdb', lambda r: (r / T1).write_text('404 not found'), {('error', 'no image'): T1}),
    'image removed': (
        'sysu',
        lambda r: (r / 'cam1/0004/0002.jpg').unlink(),
        {('error', 'count'): 'cam1 (3 images of 2 identities instead of 4 of 2)'},
    ),
    'listed image removed': ('regdb', lambda r: (r / V1).unlink(), {('error', 'missing image'): V1}),
    'link that leads nowhere': (
        'sysu',
        lambda r: dangle(r / 'cam1/0001/0001.jpg'),
        {('error', 'unreachable'): 'cam1/0001/0001.jpg'},
    ),
    'folder removed': (
        'sysu',
        lambda r: shutil.rmtree(r / 'cam6'),
        {('error', 'missing folder'): 'cam6', ('error', 'count'): 'cam6 (0 images of 0 identities instead of 4 of 2)'},
    ),
    'frame of a track removed': (
        'bupt',
        lambda r: first(first(r / 'DATA/1/RGB')).unlink(),
        {('error', 'missing image'): 'DATA/1/RGB/CQ1/1_RGB_CQ1_1_1.jpg'},
    ),
    'track without images': (
        'bupt',
        lambda r: edit(r / 'train.txt', ('CQ1 1', 'CQ1 2')),
        {
            ('error', 'bad line'): 'train.txt:3',
            ('error', 'count'): 'DATA/*/IR/CQ1 (0 tracks of 0 identities instead of 1 of 1)',
            ('error', 'missing camera'): 'DATA/*/IR/CQ1',
        },
    ),
    'list of tracks removed': (
        'bupt',
        lambda r: (r / 'gallery.txt').unlink(),
        {('error', 'missing folder'): 'gallery.txt', ('error', 'missing list'): 'gallery.txt'},
    ),
    'name of another form': (
        'vcm',
        lambda r: edit(r / 'info/train_name.txt', ('M2D1T1F2.jpg', '_c1_f2.jpg')),
        {('error', 'bad line'): 'info/train_name.txt:2'},
    ),
    'track beyond the names': (
        'vcm',
        lambda r: append(r / 'info/track_test_info.txt', '2 61 9999 1 3\n'),
        {('error', 'bad line'): 'info/track_test_info.txt:7'},
    ),
    'lists removed': ('llcm', lambda r: shutil.rmtree(r / 'idx'), {('error', 'missing folder'): 'idx'}),
    'camera removed': (
        'llcm',
        lambda r: shutil.rmtree(r / 'test_nir/cam5'),
        {
            ('error', 'missing camera'): 'test_nir/cam5',
            ('error', 'count'): 'test_nir/cam5 (0 images of 0 identities instead of 2 of 2)',
        },
    ),
    'extra level': (
        'sysu',
        lambda r: nest(r / 'cam4'),
        {
            ('error', 'misplaced'): 'cam4/cam4/0001/0001.jpg',
            ('error', 'missing camera'): 'cam4',
            ('error', 'count'): 'cam4 (0 images of 0 identities instead of 4 of 2)',
        },
    ),
    'folder not padded': (
        'sysu',
        lambda r: (r / 'cam5/0002').rename(r / 'cam5/2'),
        {
            ('error', 'misplaced'): 'cam5/2/0001.jpg',
            ('error', 'count'): 'cam5 (2 images of 1 identity instead of 4 of 2)',
        },
    ),
    'id list elsewhere': (
        'sysu',
        lambda r: (r / 'exp/val_id.txt').rename(r / 'cam1/val_id.txt'),
        {('error', 'missing list'): 'exp/val_id.txt', ('warning', 'stray file'): 'cam1/val_id.txt'},
    ),
    'index file removed': (
        'regdb',
        lambda r: (r / 'idx/test_thermal_7.txt').unlink(),
        {('error', 'missing list'): 'idx/test_thermal_7.txt'},
    ),
    'test person in training': (
        'sysu',
        lambda r: (r / 'exp/train_id.txt').write_text('1,2,5'),
        {('error', 'leak'): 'exp/test_id.txt', ('error', 'count'): 'exp/train_id.txt (3 identities instead of 2)'},
    ),
    'training person in validation': (
        'sysu',
        lambda r: (r / 'exp/val_id.txt').write_text('3,5'),
        {('error', 'leak'): 'exp/val_id.txt', ('error', 'count'): 'exp/val_id.txt (2 identities instead of 1)'},
    ),
    'training lists as test lists': (
        'regdb',
        lambda r: [
            shutil.copy(r / f'idx/train_{name}_2.txt', r / f'idx/test_{name}_2.txt') for name in ('visible', 'thermal')
        ],
        {('error', 'leak'): 'idx/test_thermal_2.txt'},
    ),
    'test image in training': (
        'sysu',
        lambda r: shutil.copy(r / 'cam1/0002/0001.jpg', r / 'cam2/0003/0002.jpg'),
        {('error', 'leak'): 'cam2/0003/0002.jpg = cam1/0002/0001.jpg'},
    ),
    'visible image as thermal one': (
        'regdb',
        lambda r: shutil.copy(r / V1, r / T1),
        {('error', 'duplicate image'): f'{V1} = {T1}'},
    ),
    'one image of two people': (
        'llcm',
        lambda r: shutil.copy(first(r / 'test_vis/cam1/0002'), first(r / 'test_vis/cam2/0004')),
        {('warning', 'duplicate image'): 'test_vis/cam1/0002/'},
    ),
    'person without infrared images': (
        'sysu',
        lambda r: [shutil.rmtree(r / camera / '0001') for camera in ('cam3', 'cam6')],
        {
            ('error', 'one modality'): 'cam1/0001',
            ('error', 'count'): 'cam3 (4 images of 2 identities instead of 6 of 3)',
        },
    ),
    'person without visible images': (
        'regdb',
        lambda r: shutil.rmtree(r / 'Visible/5'),
        {('error', 'missing image'): 'Visible/5/synvi_v_00005_001.bmp', ('error', 'one modality'): 'Thermal/5'},
    ),  # in test of split 1, in training of another
    'unknown person': (
        'sysu',
        lambda r: (r / 'exp/test_id.txt').write_text('2,4,77'),
        {
            ('error', 'missing identity'): 'exp/test_id.txt',
            ('error', 'count'): 'exp/test_id.txt (3 identities instead of 2)',
        },
    ),
    'one identity per line': (
        'sysu',
        lambda r: edit(r / 'exp/test_id.txt', (',', '\n')),
        {('error', 'bad line'): 'exp/test_id.txt:2', ('error', 'count'): 'exp/test_id.txt (1 identity instead of 2)'},
    ),
    'list of another encoding': (
        'sysu',
        lambda r: (r / 'exp/test_id.txt').write_text('2,4', encoding='utf-16-le'),
        {
            ('error', 'unreadable list'): 'exp/test_id.txt',
            ('error', 'count'): 'exp/test_id.txt (0 identities instead of 2)',
            ('error', 'missing camera'): '',
        },
    ),  # all of them: there are no test people
    'digits of another script': (
        'sysu',
        lambda r: (r / 'exp/test_id.txt').write_text('2,٤'),
        {('error', 'bad line'): 'exp/test_id.txt:1', ('error', 'count'): 'exp/test_id.txt (1 identity instead of 2)'},
    ),
    'bad line': (
        'llcm',
        lambda r: edit(r / 'idx/train_vis.txt', ('f4460_vis.jpg 0', 'f4460_vis.jpg')),
        {
            ('error', 'bad line'): 'idx/train_vis.txt:1',
            ('error', 'count'): 'vis/*_c01_* (1 image of 1 identity instead of 2 of 2)',
            ('warning', 'unlisted'): 'vis/0001/0001_c01_s229141_f4460_vis.jpg',
        },
    ),
    'duplicate line': (
        'regdb',
        lambda r: append(r / 'idx/train_visible_1.txt', f'{V1} 0'),
        {('error', 'duplicate line'): 'idx/train_visible_1.txt:7'},
    ),
    'lists of the modalities swapped': (
        'regdb',
        lambda r: swap(r / 'idx/train_visible_3.txt', r / 'idx/train_thermal_3.txt'),
        {('error', 'bad line'): 'idx/train_thermal_3.txt:6', ('error', 'count'): 'idx/train_visible_3.txt'},
    ),
    'labels with a gap': (
        'regdb',
        lambda r: [edit(r / f'idx/train_{name}_4.txt', (' 2\n', ' 3\n')) for name in ('visible', 'thermal')],
        {('error', 'labels'): 'idx/train_thermal_4.txt'},
    ),
    'labels not shared': (
        'llcm',
        lambda r: edit(r / 'idx/train_nir.txt', (' 0\n', ' x\n'), (' 1\n', ' 0\n'), (' x\n', ' 1\n')),
        {('error', 'labels'): 'idx/train_nir.txt'},
    ),
    'image in no list': (
        'regdb',
        lambda r: cv2.imwrite(str(r / 'Visible/6/new.bmp'), 255 - cv2.imread(str(r / V1))),
        {('warning', 'unlisted'): 'Visible/6/new.bmp'},
    ),
    'Thumbs.db': (
        'sysu',
        lambda r: (r / 'cam1/0001/Thumbs.db').write_bytes(b'\xd0\xcf'),
        {('warning', 'stray file'): 'cam1/0001/Thumbs.db'},
    ),
    '.DS_Store': (
        'llcm',
        lambda r: (r / 'test_vis/cam1/.DS_Store').touch(),
        {('warning', 'stray file'): 'test_vis/cam1/.DS_Store'},
    ),
    'text file': (
        'regdb',
        lambda r: (r / 'Thermal/1/notes.txt').write_text('nice'),
        {('warning', 'stray file'): 'Thermal/1/notes.txt'},
    ),
    'stray folder': ('llcm', lambda r: (r / 'vis/backup').mkdir(), {('warning', 'stray folder'): 'vis/backup'}),
    'unread extension': (
        'sysu',
        lambda r: convert(r / 'cam1/0001/0001.jpg', '.gif'),
        {
            ('error', 'wrong extension'): 'cam1/0001/0001.gif',
            ('error', 'count'): 'cam1 (5 images of 3 identities instead of 6 of 3)',
        },
    ),
    'format is not the extension': (
        'sysu',
        lambda r: recode(r / 'cam1/0001/0001.jpg', '.png'),
        {('warning', 'wrong extension'): 'cam1/0001/0001.jpg'},
    ),
    'visible and infrared camera swapped': (
        'sysu',
        lambda r: swap(r / 'cam1', r / 'cam3'),
        {('warning', 'odd colours'): 'cam1'},
    ),
    'damaged marker': ('sysu', lambda r: (r / 'synvi.json').write_text('{}'), {('error', 'marker'): 'synvi.json'}),
    'marker of another layout': (
        'sysu',
        lambda r: edit(r / 'synvi.json', ('"sysu"', '"llcm"')),
        {('error', 'marker'): 'synvi.json'},
    ),
}


@pytest.mark.parametrize('layout, break_tree, faults', BREAKS.values(), ids=BREAKS)
def test_names_the_fault(layout, break_tree, faults, copy):
    root = copy(layout)
    break_tree(root)
    findings = check_dataset(str(root), layout).findings
    assert {(finding.severity, finding.kind) for finding in findings} == set(faults)
    for fault, place in faults.items():
        named = [path for finding in findings if (finding.severity, finding.kind) == fault for path in finding.places]
        assert any(path.startswith(place) for path in named), (fault, named)


@pytest.mark.parametrize('layout', SPECS)
@pytest.mark.parametrize('quick', [False, True])
def test_clean_tree_has_no_finding(layout, quick, clean):
    report = check_dataset(str(clean[layout]), layout, quick)
    assert report.findings == []
    assert len(report.to_text().splitlines()) <= 7
    assert report.to_text().endswith(
        'no fault found (no image was opened)' if quick else 'no fault found (every image was opened)'
    )


def test_reports_every_fault_at_once(copy):
    root = copy('sysu')
    for name in ('zero bytes', 'truncated', 'image removed', 'Thumbs.db', 'training person in validation'):
        BREAKS[name][1](root)
    kinds = {finding.kind for finding in check_dataset(str(root)).findings}
    assert kinds == {'empty file', 'unreadable', 'count', 'stray file', 'leak'}


@pytest.mark.parametrize(
    'kind, said',
    [
        (np.uint16, '1 image of 16-bit grey, of which the high byte is read: values from 7000 to 9000, 9 grey levels'),
        (np.float32, '1 image of raw counts .* refused: values from 7000 to 9000'),
    ],
)
def test_the_range_of_counts_is_told(copy, kind, said):
    root = copy('sysu')
    deepen(root / 'cam3/0002/0002.jpg', kind)
    (finding,) = (
        finding for finding in check_dataset(str(root)).findings if finding.kind in ('deep grey', 'raw counts')
    )
    assert re.search(said, finding.found) and 'thermal_range=(low, high)' in finding.fix


def test_quick_opens_no_image_but_finds_empty_ones(copy):
    root = copy('sysu')
    BREAKS['truncated'][1](root)
    assert check_dataset(str(root), quick=True).findings == []
    BREAKS['zero bytes'][1](root)
    assert [finding.kind for finding in check_dataset(str(root), quick=True).findings] == ['empty file']


def test_several_processes_find_the_same(copy, monkeypatch):
    root = copy('regdb')
    for name in ('no image', 'visible image as thermal one', 'listed image removed'):
        BREAKS[name][1](root)
    alone = check_dataset(str(root)).to_dict()
    monkeypatch.setattr(contents, 'PARALLEL_FROM', 0)
    assert alone['findings'] and check_dataset(str(root)).to_dict() == alone


@pytest.mark.parametrize('layout', SPECS)
def test_fingerprints_are_those_of_the_loaded_subsets(layout, clean):
    report = check_dataset(str(clean[layout]), layout, quick=True)
    splits = range(1, 11) if layout == 'regdb' else [None]
    assert list(report.fingerprints) == [
        f'{subset} {split}' if split else subset for split in splits for subset in ('train', 'test')
    ]
    spec = dataclasses.asdict(SPECS[layout])
    if CATALOGUE[layout].tracks:
        kind, spec['tracks_per_camera'] = SynthTracks, spec.pop('images_per_camera')
    else:
        kind, _ = SynthVIReID, spec.pop('frames')
    for key in list(report.fingerprints)[:4]:
        subset, _, split = key.partition(' ')
        loaded = kind(str(clean[layout]), subset, **spec, **(dict(split=int(split)) if split else {}))
        assert report.fingerprints[key] == data_fingerprint(loaded)
        visible = (loaded.modalities == 0).sum()
        assert report.subsets[key] == dict(
            ids=len(set(loaded.pids)), visible=visible, infrared=len(loaded) - visible, images=len(loaded)
        )


def test_fingerprint_tells_a_changed_file(copy):
    root = copy('sysu')
    before = check_dataset(str(root)).fingerprints
    recode(root / 'cam1/0002/0001.jpg', '.png')
    after = check_dataset(str(root)).fingerprints
    assert before['train'] == after['train'] and before['test'] != after['test']


def test_no_fingerprint_of_an_incomplete_subset(copy):
    root = copy('regdb')
    (root / V1).unlink()
    with_1 = {
        f'{subset} {split}'
        for split in range(1, 11)
        for subset in ('train', 'test')
        if V1 in (root / f'idx/{subset}_visible_{split}.txt').read_text()
    }
    fingerprints = check_dataset(str(root), quick=True).fingerprints
    assert len(with_1) == 10 and len(fingerprints) == 10 and not with_1 & set(fingerprints)


@pytest.mark.parametrize('layout', SPECS)
def test_one_folder_too_high_or_too_low(layout, clean):
    root = clean[layout]
    inside = next(path for path in sorted(root.iterdir()) if path.is_dir())
    fingerprints = check_dataset(str(root), quick=True).fingerprints
    for wrong, direction in ((inside, 'low'), (root.parent, 'high')):
        report = check_dataset(str(wrong), layout, quick=True)
        (finding,) = report.findings
        assert finding.kind == 'nesting' and f'{wrong} is one folder too {direction}' in finding.found
        assert finding.fix == f'Give {root} as the data root.'
        assert report.fingerprints == fingerprints  # and the rest is checked


def test_another_data_set(clean):
    (finding,) = check_dataset(str(clean['llcm']), 'regdb').findings
    assert finding.kind == 'nesting' and 'lacks Visible, Thermal' in finding.found and 'looks like LLCM' in finding.fix


@pytest.mark.parametrize('layout', SPECS)
def test_guesses_the_layout(layout, clean):
    assert (
        check_dataset(str(clean[layout]), quick=True).to_dict()
        == check_dataset(str(clean[layout]), layout, quick=True).to_dict()
    )


def test_refuses_what_is_no_data_set(tmp_path):
    (tmp_path / 'readme.txt').touch()
    with pytest.raises(ValueError, match='none of the data sets: it holds readme.txt; SYSU-MM01 has cam1, .* LLCM has'):
        check_dataset(str(tmp_path))
    with pytest.raises(FileNotFoundError, match='does not exist'):
        check_dataset(str(tmp_path / 'nowhere'))


def test_published_numbers_hold_without_the_marker(copy):
    wanted = {'sysu': SYSUMM01.COUNTS, 'regdb': RegDB.COUNTS, 'llcm': LLCM.COUNTS}
    for layout, counts in wanted.items():
        root = copy(layout)
        (root / 'synvi.json').unlink()
        text = check_dataset(str(root), layout, quick=True).to_text()
        for numbers in counts.values():
            assert all(f'instead of {number:,}' in text for number in numbers.values())
    # all ten splits are wrong in the same way: told once for each subset
    regdb = check_dataset(str(root.with_name('regdb')), quick=True).findings
    assert [(finding.kind, len(finding.places)) for finding in regdb] == [('count', 20), ('count', 20)]


def test_full_size_sysu_test_tree_has_the_published_numbers(sysu_test_root):
    report = check_dataset(str(sysu_test_root), 'sysu', quick=True)
    assert report.subsets == dict(test=dict(ids=96, visible=6775, infrared=3803, images=10578))
    assert report.galleries == {
        'sysu/all': 301,
        'sysu/all-10shot': 3010,
        'sysu/indoor': 112,
        'sysu/indoor-10shot': 1120,
    }
    found = {finding.kind: finding for finding in report.findings}
    assert set(found) == {'missing list', 'empty file'}  # its training lists are missing, and all its files are empty
    assert len(found['empty file'].places) == 10578


def snapshot(root: Path) -> dict:
    return {
        str(path.relative_to(root)): (
            path.lstat().st_mtime_ns,
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else sorted(os.listdir(path)),
        )
        for path in (root, *root.rglob('*'))
    }


@pytest.mark.parametrize('layout', SPECS)
def test_changes_nothing(layout, copy):
    root = copy(layout)
    (next(root.glob('*/*/')) / 'Thumbs.db').write_bytes(b'\xd0')
    cut(next(root.glob('*/**/*.[jb][pm][gp]')), 0.5)
    before = snapshot(root.parent)
    assert check_dataset(str(root)).findings
    assert snapshot(root.parent) == before


def test_a_link_to_a_folder_above_ends(copy):
    root = copy('sysu')
    (root / 'cam1/loop').symlink_to(root)
    kinds = {finding.kind for finding in check_dataset(str(root)).findings}
    assert 'misplaced' in kinds  # the images seen again through the link, once


def test_report_is_json_and_printable(copy):
    root = copy('sysu')
    shutil.copy(root / 'cam1/0001/0001.jpg', os.fsencode(root / 'cam1/0001') + b'/m\xe4nnlich.jpg')  # latin-1
    shutil.copy(root / 'cam1/0001/0001.jpg', root / 'cam1' / 'a\x1b[2J\n.jpg')  # clears a terminal that obeys
    report = check_dataset(str(root))
    assert 'cam1/0001/m\\udce4nnlich.jpg' in report.to_text() and r'cam1/a\x1b[2J\n.jpg' in report.to_text()
    assert all(map(str.isprintable, report.to_text().split('\n')))
    content = json.loads(json.dumps(report.to_dict()))
    assert content['findings'][0]['kind'] == 'misplaced' and content['findings'][0]['severity'] == 'error'


def test_tool_on_a_clean_tree(check, clean, tmp_path):
    code, printed = check('sysu', '--quick', clean['sysu'], '--json', tmp_path / 'check.json')
    assert code == 0 and printed.splitlines()[-1] == 'no fault found (no image was opened)'
    content = json.loads((tmp_path / 'check.json').read_text())
    assert content['findings'] == [] and content['subsets']['test']['ids'] == 2
    assert f'test fingerprint: {content["fingerprints"]["test"][:8]}\n' in printed


def test_tool_on_a_broken_tree(check, copy):
    root = copy('sysu')
    BREAKS['zero bytes'][1](root)
    BREAKS['Thumbs.db'][1](root)
    code, printed = check(root)
    assert code == 1 and printed.splitlines()[-1] == '1 error, 1 warning (every image was opened)'
    assert printed.index('ERROR empty file') < printed.index('WARNING stray file')


def test_tool_passes_warnings(check, copy):
    root = copy('llcm')
    BREAKS['.DS_Store'][1](root)
    code, printed = check(root)
    assert code == 0 and printed.splitlines()[-1] == '1 warning (every image was opened)'


def test_tool_refuses_to_write_where_it_would_do_harm(check, clean, tmp_path):
    root = clean['llcm']
    (tmp_path / 'link').symlink_to(root)
    for path in (root / 'check.json', root / 'idx' / 'check.json', tmp_path / 'link' / 'check.json'):
        code, printed = check(root, '--json', path)
        assert 'lies in the data root' in code and printed == '' and not path.exists()
    code, printed = check('llcm', root / 'vis', '--json', root / 'check.json')  # one folder too low
    assert 'lies in the data root' in code and 'too low' in printed and not (root / 'check.json').exists()
    (tmp_path / 'notes.json').write_text('mine')
    assert 'exists already' in check(root, '--json', tmp_path / 'notes.json')[0]
    assert (tmp_path / 'notes.json').read_text() == 'mine'
    assert 'make it first' in check(root, '--json', tmp_path / 'nowhere' / 'check.json')[0]
