import pytest

from haresreid.datasets import ManifestDataset

ROWS = [
    'path,pid,camera,modality,split',
    'images/a.jpg,40,2,visible,train',
    'images/b.jpg,40,1,infrared,train',
    'images/c.jpg,7,1,visible,train',
    'images/d.jpg,7,1,infrared,train',
    'images/e.jpg,8,1,visible,test',
    'images/f.jpg,8,2,infrared,test',
]


@pytest.fixture
def manifest(tmp_path):
    (tmp_path / 'images').mkdir()
    for letter in 'abcdef':
        (tmp_path / 'images' / f'{letter}.jpg').touch()  # listing decodes nothing
    path = tmp_path / 'manifest.csv'
    path.write_text('\n'.join(ROWS))
    return path


def rewrite(manifest, old, new):
    manifest.write_text(manifest.read_text().replace(old, new))


def test_subsets(manifest):
    train = ManifestDataset(str(manifest))
    test = ManifestDataset(data_root=str(manifest.parent), subset='test')

    assert train.metainfo == dict(dataset='manifest', subset='train', num_classes=2)
    assert train.pids.tolist() == [7, 7, 40, 40]
    assert train.labels.tolist() == [0, 0, 1, 1]
    assert train.camids.tolist() == [1, 1, 1, 2]
    assert train.modalities.tolist() == [0, 1, 1, 0]
    assert train.img_paths[0] == str(manifest.parent / 'images' / 'c.jpg')
    assert test.pids.tolist() == [8, 8] and test.labels.tolist() == [-1, -1]


@pytest.mark.parametrize('encoding', ['utf-8-sig', 'utf-16'])
def test_encodings_of_spreadsheets(manifest, encoding):
    manifest.write_text(manifest.read_text(), encoding=encoding)
    assert len(ManifestDataset(str(manifest))) == 4


def test_another_encoding_is_named_with_its_line(manifest):
    manifest.write_text(manifest.read_text().replace('c.jpg', 'ü.jpg'), encoding='cp1252')
    with pytest.raises(ValueError, match=r'manifest\.csv, line 4: .*save the file as UTF-8'):
        ManifestDataset(str(manifest))


def test_case_and_blanks_do_not_count(manifest):
    rewrite(manifest, 'path,pid,camera', 'Path, PID ,Camera')
    rewrite(manifest, '2,visible,train', '2.0, Visible ,Train')
    assert ManifestDataset(str(manifest)).camids.tolist() == [1, 1, 1, 2]


def test_missing_manifest(tmp_path):
    with pytest.raises(FileNotFoundError, match='columns path,pid,camera,modality,split'):
        ManifestDataset(data_root=str(tmp_path))


@pytest.mark.parametrize(
    'old, new, message',
    [
        ('camera,modality', 'cam,modality', "unknown column 'cam': did you mean 'camera'"),
        ('camera,modality', 'note,modality', "unknown column 'note': correct its name or leave it out"),
        (',modality', ',camera', 'the column camera twice'),
        ('a.jpg,40,2,visible', 'a.jpg,40,2,rgb', "line 2: modality must be visible or infrared, found 'rgb'"),
        ('7,1,visible,train', '7,1,visible,val', "line 4: split must be train or test, found 'val'"),
        ('a.jpg,40', 'a.jpg,p40', "line 2: pid 'p40' is no whole number from 0 to 9223372036854775807"),
        ('a.jpg,40', 'a.jpg,98765432109876543210', "line 2: pid '98765432109876543210' is no whole number"),
        ('a.jpg,40', 'a.jpg,-1', "line 2: pid '-1' is no whole number"),
        ('a.jpg,40', 'a.jpg,40.5', "line 2: pid '40.5' is no whole number"),
        ('a.jpg,40,2', 'a.jpg,40,nan', "line 2: camera 'nan' is no whole number"),
        ('a.jpg,40,2', 'a.jpg,40,²', "line 2: camera '²' is no whole number"),
        ('a.jpg,40,2', 'a.jpg,40,2147483648', "line 2: camera '2147483648' is no whole number from 0 to 2147483647"),
        ('images/a.jpg,40', ',40', 'line 2: there is no path'),
        ('c.jpg,7,1,visible,train', 'c.jpg,7', 'line 4: it has 2 cells for the 5 columns'),
        ('images/c.jpg', '"images/c.jpg', 'line 4: .*quotation mark'),
        ('c.jpg', 'c, new.jpg', 'line 4: it has 6 cells'),
        ('e.jpg,8', 'e.jpg,40', r'identities \[40\] are in both splits'),
        ('b.jpg,40,1,infrared', 'b.jpg,40,1,visible', r'identities \[40\] have no infrared image'),
    ],
)
def test_bad_rows(manifest, old, new, message):
    rewrite(manifest, old, new)
    with pytest.raises(ValueError, match=message):
        ManifestDataset(str(manifest))


def test_listed_image_is_missing(manifest):
    (manifest.parent / 'images' / 'c.jpg').unlink()
    with pytest.raises(FileNotFoundError, match='1 of 4 train images do not exist, the first is .*c.jpg'):
        ManifestDataset(str(manifest))
