import pytest

from haresreid.synvi import SynVISpec, subset_counts
from haresreid.synvi.camera import Sensor
from haresreid.synvi.layouts import cameras, index_files, person_images, split_ids

SPECS = {layout: SynVISpec(layout, num_ids=(12, 4, 16), images_per_camera=3) for layout in ('sysu', 'regdb', 'llcm')}


@pytest.mark.parametrize('spec', SPECS.values(), ids=SPECS)
def test_paths_are_unique_and_everybody_has_both_modalities(spec):
    paths = []
    for pid in range(1, 33):
        images = person_images(spec, pid)
        paths += [image.path for image in images]
        assert {image.camera.sensor is Sensor.VISIBLE for image in images} == {True, False}
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize('spec', SPECS.values(), ids=SPECS)
def test_subset_counts_add_up_to_all_images(spec):
    total = sum(len(person_images(spec, pid)) for pid in range(1, 33))
    counts = [subset_counts(spec, subset) for subset in ('train', 'test')]
    assert sum(count['visible'] + count['infrared'] for count in counts) == total
    assert [count['ids'] for count in counts] == [16, 16]


def test_splits_are_disjoint_and_differ_between_seeds():
    train, val, test = split_ids(SPECS['sysu'])
    assert sorted(train + val + test) == list(range(1, 33))
    assert split_ids(SynVISpec(num_ids=(12, 4, 16), seed=1)) != (train, val, test)


def test_sysu_cameras_miss_a_tenth_of_the_people_but_1_and_3_see_everybody():
    spec = SynVISpec(num_ids=(500, 0, 0), images_per_camera=1)
    seen = [image.camera.key for pid in range(1, 501) for image in person_images(spec, pid)]
    assert seen.count(1) == seen.count(3) == 500
    for key in (2, 4, 5, 6):
        assert 420 <= seen.count(key) <= 480  # 450 +- 4.5 standard deviations
    assert [camera.sensor for camera in cameras(spec)].count(Sensor.NIR) == 2
    assert cameras(spec)[1].place == cameras(spec)[2].place


def test_regdb_has_ten_different_partitions():
    files = index_files(SPECS['regdb'])
    assert len(files) == 40
    assert len({files[f'idx/train_visible_{split}.txt'] for split in range(1, 11)}) == 10
    line = files['idx/train_thermal_1.txt'].splitlines()[0]
    assert line.startswith('Thermal/') and line.endswith('.bmp 0')


def test_llcm_has_no_infrared_camera_at_place_3_and_hides_test_people_from_the_lists():
    files = index_files(SPECS['llcm'])
    assert '_c03_' in files['idx/train_vis.txt'] and '_c03_' not in files['idx/train_nir.txt']
    test = split_ids(SPECS['llcm'])[2]
    assert files['idx/test_id.txt'] == ','.join(map(str, test)) + '\n'
    assert not any(f'vis/{pid:04d}/' in files['idx/train_vis.txt'] for pid in test)
    folders = {image.path.rsplit('/', 2)[0] for image in person_images(SPECS['llcm'], test[0])}
    assert folders == {f'test_vis/cam{place}' for place in range(1, 10)} | {
        f'test_nir/cam{place}' for place in (1, 2, 4, 5, 6, 7, 8, 9)
    }
