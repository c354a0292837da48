import pytest

from haresreid.datasets import LLCM, SYSUMM01, RegDB
from haresreid.datasets.layout import image_files, read_ids


@pytest.mark.parametrize('dataset, entry', [(SYSUMM01, 'cam1'), (RegDB, 'Thermal'), (LLCM, 'test_nir')])
def test_missing_root(dataset, entry, tmp_path):
    with pytest.raises(FileNotFoundError, match=f'nowhere.* does not exist; .* holds .*{entry}'):
        dataset(str(tmp_path / 'nowhere'))


def test_one_folder_too_high(sysu_root):
    with pytest.raises(FileNotFoundError, match=r"lacks cam1, .* \(it holds SYSU-MM01\); did you mean '.*/SYSU-MM01'"):
        SYSUMM01(str(sysu_root.parent))


def test_one_folder_too_low(regdb_root):
    with pytest.raises(FileNotFoundError, match=r"lacks Visible, Thermal, idx \(it holds 1, 2, 3, 4\); did you mean"):
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


def test_missing_id_list(sysu_root):
    (sysu_root / 'exp' / 'val_id.txt').unlink()
    with pytest.raises(FileNotFoundError, match="val_id.txt' does not exist"):
        SYSUMM01(str(sysu_root))
