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


def test_byte_order_mark(manifest):
    manifest.write_bytes(b'\xef\xbb\xbf' + manifest.read_bytes())
    assert len(ManifestDataset(str(manifest))) == 4


def test_missing_manifest(tmp_path):
    with pytest.raises(FileNotFoundError, match='columns path,pid,camera,modality,split'):
        ManifestDataset(data_root=str(tmp_path))


@pytest.mark.parametrize('old, new, message', [
    ('camera,modality', 'cam,modality', 'its first line lacks camera'),
    ('a.jpg,40,2,visible', 'a.jpg,40,2,rgb', "line 2: modality must be visible or infrared, found 'rgb'"),
    ('7,1,visible,train', '7,1,visible,val', "line 4: split must be train or test, found 'val'"),
    ('a.jpg,40', 'a.jpg,p40', "line 2: invalid literal"),
    ('c.jpg,7,1,visible,train', 'c.jpg,7', 'line 4: '),
    ('e.jpg,8', 'e.jpg,40', r'identities \[40\] are in both splits'),
    ('b.jpg,40,1,infrared', 'b.jpg,40,1,visible', r'identities \[40\] have no infrared image'),
])
def test_bad_rows(manifest, old, new, message):
    rewrite(manifest, old, new)
    with pytest.raises(ValueError, match=message):
        ManifestDataset(str(manifest))


def test_listed_image_is_missing(manifest):
    (manifest.parent / 'images' / 'c.jpg').unlink()
    with pytest.raises(FileNotFoundError, match='1 of 4 train images do not exist, the first is .*c.jpg'):
        ManifestDataset(str(manifest))
