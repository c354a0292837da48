import pytest

from haresreid.datasets import LLCM, SYSUMM01, RegDB
from haresreid.datasets.layout import image_files, read_ids, read_index


@pytest.mark.parametrize('dataset, entry', [(SYSUMM01, 'cam1'), (RegDB, 'Thermal'), (LLCM, 'test_nir')])
def test_missing_root(dataset, entry, tmp_path):
    with pytest.raises(FileNotFoundError, match=f'nowhere.* does not exist; .* holds .*{entry}'):
        dataset(str(tmp_path / 'nowhere'))


def test_one_folder_too_high(sysu_root):
    with pytest.raises(FileNotFoundError, match=r"lacks cam1, .* \(it holds SYSU-MM01\); did you mean '.*/SYSU-MM01'"):
        SYSUMM01(str(sysu_root.parent))


def test_one_folder_too_low(regdb_root):
    with pytest.raises(FileNotFoundError, match=r'lacks Visible, Thermal, idx \(it holds 1, 2, 3, 4\); did you mean'):
        RegDB(str(regdb_root / 'Visible'))


def test_another_data_set(llcm_root):
    with pytest.raises(FileNotFoundError, match=r'RegDB: .* lacks Visible, Thermal .*it holds idx, nir, .* must hold'):
        RegDB(str(llcm_root))


def test_image_files_ignores_other_files(tmp_path):
    for name in ('b.JPG', 'a.png', '.c.jpg', 'Thumbs.db'):
        (tmp_path / name).touch()
    assert image_files(str(tmp_path)) == [str(tmp_path / 'a.png'), str(tmp_path / 'b.JPG')]
    assert image_files(str(tmp_path / 'nowhere')) == []


@pytest.mark.parametrize('text', ['3,1,2', '3,1,2\n', ' 3, 1 ,2,\nsecond line', '1,2,3,3'])
def test_read_ids(tmp_path, text):
    (tmp_path / 'ids.txt').write_text(text)
    assert read_ids(str(tmp_path / 'ids.txt')) == [1, 2, 3]


@pytest.mark.parametrize(
    'content, message',
    [
        (b'3,\xb2', r'ids\.txt, line 1: this is no text in UTF-8'),
        ('3,²'.encode(), "line 1: expected comma-separated integers .identity '²'"),
        ('3,٣'.encode(), "identity '٣' is no whole number"),
        (b'3,98765432109876543210', "identity '98765432109876543210' is no whole number from 0 to"),
        (b'3,-1', "identity '-1'"),
        (b'3,1.5', "identity '1.5'"),
        (b'3;1', "identity '3;1'"),
        (b'3,\x001', 'NUL'),
    ],
)
def test_id_lists_that_cannot_be_read(tmp_path, content, message):
    (tmp_path / 'ids.txt').write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_ids(str(tmp_path / 'ids.txt'))


def test_an_id_list_in_utf16(tmp_path):
    (tmp_path / 'ids.txt').write_text('3,1', encoding='utf-16')
    assert read_ids(str(tmp_path / 'ids.txt')) == [1, 3]


@pytest.mark.parametrize(
    'content, message',
    [
        (b'\nvis/1/a.jpg\n', r'line 2: expected "folder/<identity>/<image> <label>", found .vis/1/a.jpg.'),
        (b'a.jpg 0\n', 'line 1: expected "folder/<identity>'),
        ('vis/1/a.jpg ²\n'.encode(), "line 1: label '²' is no whole number"),
        ('vis/٣/a.jpg 0\n'.encode(), "line 1: identity '٣' is no whole number"),
        ('vis/1/ü.jpg 0\n'.encode('cp1252'), r'train\.txt, line 1: this is no text in UTF-8'),
        (b'x' * 10**6, 'line 1: expected'),
    ],
)
def test_index_files_that_cannot_be_read(tmp_path, content, message):
    (tmp_path / 'train.txt').write_bytes(content)
    with pytest.raises(ValueError, match=message) as refusal:
        read_index(str(tmp_path), 'train.txt')
    assert len(str(refusal.value)) < 300 + len(str(tmp_path))


def test_missing_id_list(sysu_root):
    (sysu_root / 'exp' / 'val_id.txt').unlink()
    with pytest.raises(FileNotFoundError, match="val_id.txt' does not exist"):
        SYSUMM01(str(sysu_root))
