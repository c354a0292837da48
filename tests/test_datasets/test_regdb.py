import pytest

from haresreid.datasets import RegDB
from haresreid.datasets.regdb import list_images


def test_split_is_read(regdb_root):
    first = RegDB(str(regdb_root), split=1, check_counts=False)
    second = RegDB(str(regdb_root), split=2, check_counts=False)

    assert first.metainfo == dict(dataset='RegDB', subset='train', num_classes=2, split=1)
    assert second.metainfo['split'] == 2
    assert set(first.pids) == {1, 3} and set(second.pids) == {2, 4}
    assert len(first) == 12
    assert dict(zip(first.pids, first.labels)) == {1: 0, 3: 1}


def test_cameras_are_modalities(regdb_root):
    dataset = RegDB(str(regdb_root), 'test', check_counts=False)
    assert (dataset.camids == dataset.modalities + 1).all()
    for path, modality in zip(dataset.img_paths, dataset.modalities):
        assert ('Thermal' in path) == bool(modality)


def test_official_counts(regdb_root):
    with pytest.raises(ValueError, match=r'found 2 ids \(expected 206\), 6 visible \(expected 2060\)'):
        RegDB(str(regdb_root))


@pytest.mark.parametrize('split', [0, 11, 'a'])
def test_unknown_split(regdb_root, split):
    with pytest.raises(ValueError, match=r'RegDB has the splits 1\.\.10'):
        RegDB(str(regdb_root), split=split)


def test_split_without_lists(regdb_root):
    with pytest.raises(FileNotFoundError, match="train_visible_3.txt' does not exist"):
        RegDB(str(regdb_root), split=3)


def test_identity_in_both_lists(regdb_root):
    leaked = (regdb_root / 'idx' / 'train_visible_1.txt').read_text()
    with open(regdb_root / 'idx' / 'test_visible_1.txt', 'a') as file:
        file.write(leaked)
    for subset in ('train', 'test'):
        with pytest.raises(ValueError, match=r'identities \[1, 3\] are in the training and in the test lists'):
            list_images(str(regdb_root), subset)


def test_line_that_does_not_parse(regdb_root):
    with open(regdb_root / 'idx' / 'train_thermal_1.txt', 'a') as file:
        file.write('Thermal/1/a b.bmp 0\n')
    with pytest.raises(ValueError, match=r"train_thermal_1.txt', line 7: expected .* found 'Thermal/1/a b.bmp 0'"):
        list_images(str(regdb_root), 'train')


def test_listed_image_is_missing(regdb_root):
    (regdb_root / 'Thermal' / '3' / 'male_front_t_00001_3.bmp').unlink()
    with pytest.raises(FileNotFoundError, match=r'1 of 6 images listed in .*the first is .*male_front_t_00001_3.bmp'):
        list_images(str(regdb_root), 'train')


def test_labels_of_the_modalities_disagree(regdb_root):
    path = regdb_root / 'idx' / 'train_thermal_1.txt'
    path.write_text(''.join(f'{line[:-1]}{1 - int(line[-1])}\n' for line in path.read_text().splitlines()))
    with pytest.raises(ValueError, match='label 1 stands for identity 3 and for identity 1'):
        list_images(str(regdb_root), 'train')


def test_labels_with_a_gap(regdb_root):
    for name in ('visible', 'thermal'):
        path = regdb_root / 'idx' / f'train_{name}_1.txt'
        path.write_text(path.read_text().replace('bmp 1', 'bmp 5'))
    with pytest.raises(ValueError, match=r'2 labels up to 5 for 2 identities; labels must count 0\.\.C-1'):
        list_images(str(regdb_root), 'train')
