import json
import re
import subprocess
import sys
import warnings
from importlib import metadata

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from haresreid.apis import Features, VIReIDInferencer
from haresreid.apis.onnx_metadata import KEY
from haresreid.files.images import read_rgb
from haresreid.structures import Modality

COLOUR, GREY = ['day/a.png', 'day/c.png', 'day/deep/b.png'], ['night/a.png', 'night/b.png']


def test_all_ways_to_give_images_are_one(folder, thirds):
    inferencer = VIReIDInferencer(thirds, batch_size=2)
    paths = [str(folder / name) for name in COLOUR]
    (folder / 'day/empty.jpg').mkdir()  # a folder, whatever its name
    expected = inferencer(paths, 'visible')
    assert expected.paths == paths and len(expected) == 3 and expected.features.shape == (3, 4)
    assert expected.modalities.tolist() == [Modality.VISIBLE] * 3
    arrays = [read_rgb(path) for path in paths]
    day = folder / 'day'
    for inputs in (day, str(day), [day / 'a.png', day / 'c.png', day / 'deep'], arrays, [arrays[0], *paths[1:]]):
        np.testing.assert_array_equal(inferencer(inputs, 'visible', progress=False).features, expected.features)
    assert inferencer(arrays, 'visible').paths == ['', '', '']
    for first in (paths[0], arrays[0]):
        np.testing.assert_array_equal(inferencer(first, Modality.VISIBLE).features, expected.features[:1])


def test_images_are_resized_as_the_protocols_do(folder, thirds):
    small = Image.open(folder / 'day/a.png').resize((48, 96), Image.Resampling.LANCZOS)
    inferencer = VIReIDInferencer(thirds)
    np.testing.assert_array_equal(
        inferencer(folder / 'day/a.png', 'visible').features, thirds(np.asarray(small)[None], np.zeros(1, np.int64))
    )


def test_modality_is_guessed_with_one_warning(folder, thirds):
    noisy = read_rgb(folder / 'night/a.png')
    noisy[::2, ::2, 1] ^= 1  # as compression leaves it
    inferencer = VIReIDInferencer(thirds, batch_size=2)
    with pytest.warns(UserWarning) as caught:
        features = inferencer([folder, noisy])
    assert features.modalities.tolist() == [0, 0, 0, 1, 1, 1]
    assert len(caught) == 1 and '3 visible and 3 infrared' in str(caught[0].message)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        given = inferencer(folder, ['visible', 0, Modality.VISIBLE, 'infrared', 1])
    np.testing.assert_array_equal(given.features, features.features[:5])


@pytest.mark.parametrize(
    'modality, message',
    [
        ('thermal', "modality must be 'visible' or 'infrared', not 'thermal'"),
        (2, 'not 2'),
        (['visible'] * 4, '4 modalities are given for 5 images'),
    ],
)
def test_a_wrong_modality_is_refused(folder, thirds, modality, message):
    with pytest.raises(ValueError, match=message):
        VIReIDInferencer(thirds)(folder, modality)


@pytest.mark.parametrize(
    'inputs, message',
    [
        ('nowhere.png', r'There is no image nowhere.png'),
        ([], 'the list of inputs is empty'),
        ('.ci', r'There is no image in .ci: .jpg, .jpeg, .png, .bmp, .tif, .tiff, .webp are read'),
        (np.zeros((2, 96, 48, 3), np.uint8), r'Image 0 is an array \(2, 96, 48, 3\) of uint8: give \(H, W, 3\) uint8'),
        ([np.zeros((96, 48, 3), np.uint8), np.zeros((96, 48, 3))], 'Image 1 is an array .* of float64'),
        ([None], 'Input 0 is a NoneType'),
    ],
)
def test_what_is_no_image_is_refused_before_the_work(inputs, message, thirds):
    thirds.image_size = None  # whoever extracts features fails
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        VIReIDInferencer(thirds)(inputs, 'visible')


def test_a_folder_of_videos_is_told_from_one_of_images(tmp_path, thirds):
    (tmp_path / 'night.MP4').write_bytes(b'')
    with pytest.raises(FileNotFoundError, match=r'are read\. Of its videos, give each by its own name\.'):
        VIReIDInferencer(thirds)(tmp_path, 'visible')


def test_an_unreadable_image_is_named_and_may_be_left_out(folder, thirds):
    (folder / 'day/b.jpg').write_bytes(b'no jpeg')
    (folder / 'night/0.png').write_bytes((folder / 'night/a.png').read_bytes()[:99])
    inferencer = VIReIDInferencer(thirds, batch_size=1)
    with pytest.raises(ValueError, match=r"Cannot decode image '.*day/b.jpg'.*; replace the file or leave it out"):
        inferencer(folder, 'visible')
    modalities = ['visible', 'infrared', 'visible', 'visible', 'visible', 'infrared', 'infrared']
    with pytest.warns(UserWarning, match=r'2 of 7 images are left out: .*day/b.jpg.*night/0.png') as caught:
        features = inferencer(folder, modalities, unreadable='skip')
    assert len(caught) == 1 and features.paths == [str(folder / name) for name in COLOUR + GREY]
    assert features.modalities.tolist() == [0, 0, 0, 1, 1]
    with pytest.warns(UserWarning), pytest.raises(ValueError, match='None of the 1 images can be decoded'):
        inferencer(folder / 'day/b.jpg', 'visible', unreadable='skip')
    with pytest.raises(ValueError, match="unreadable must be 'raise' or 'skip', not 'ignore'"):
        inferencer(folder, 'visible', unreadable='ignore')


@pytest.fixture
def video(tmp_path) -> str:
    """Ten frames of 64 x 120 pixels whose grey level is ten times the frame's number, the right half red."""
    path = str(tmp_path / 'day.avi')
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*'MJPG'), 10, (64, 120))
    for frame in range(10):
        pixels = np.full((120, 64, 3), 10 * frame, dtype=np.uint8)
        pixels[:, 32:] = (0, 0, 200)  # BGR
        writer.write(pixels)
    writer.release()
    return path


def test_people_of_a_video(video, tmp_path):
    class Centre:
        image_size, feature_dim = (96, 48), 4

        def __call__(self, images, modalities):
            self.centre = images[:, 48, 24]  # (B, 3)
            return np.eye(4, dtype=np.float32)[modalities]

    boxes = {7: [(0, 0, 30, 90), (40.2, 10, 500, 110)], 2: [(0, 0, 30, 90)], 5: []}
    backend = Centre()
    features = VIReIDInferencer(backend)(video, 'visible', boxes)
    assert features.paths == [f'{video}#frame={frame}#box={box}' for frame, box in ((2, 0), (7, 0), (7, 1))]
    np.testing.assert_allclose(backend.centre, [[20] * 3, [70] * 3, [200, 0, 0]], atol=4)  # JPEG in the video
    (tmp_path / 'boxes.csv').write_text('frame,x1,y1,x2,y2\n2,0,0,30,90\n7,0,0,30,90\n7,40.2,10,500,110\n')
    assert VIReIDInferencer(backend)(video, 'visible', tmp_path / 'boxes.csv').paths == features.paths


@pytest.mark.parametrize(
    'boxes, message',
    [
        (None, r'day.avi is a video: say with boxes=... where its people are'),
        ({}, 'There are no boxes for'),
        ({3: [(5, 5, 5, 9)]}, r'day.avi#frame=3#box=0 is \(5, 5, 5, 9\): a box is x1, y1, x2, y2 with x1 < x2'),
        ({-1: [(0, 0, 5, 9)]}, 'frames count from 0'),
        (
            {3: [(0, 0, 5, 9), (70, 0, 80, 9)]},
            r'box=1 is \(70, 0, 80, 9\), which lies outside of the frame of 64 x 120',
        ),
        ({10: [(0, 0, 5, 9)]}, 'day.avi ends after 10 frames, and there are boxes for frame 10'),
        ('frame,x1,y1,x2\n', r'boxes.csv: its first line lacks y2; the columns are frame,x1,y1,x2,y2'),
        ('frame,x1,y1,x2,y2\n1,2,3,4,5\n1,2,x,4,5\n', "boxes.csv, line 3: y1 'x' is no number"),
        ('frame,x1,y1,x2,y2\n1.5,2,3,4,5\n', "boxes.csv, line 2: frame '1.5' is no whole number from 0 to"),
        ('frame,x1,y1,x2,y2\n²,2,3,4,5\n', "boxes.csv, line 2: frame '²' is no whole number"),
        ('frame,x1,y1,x2,y2\n1,2,3,nan,5\n', "boxes.csv, line 2: x2 'nan' is no number"),
        ('frame,x1,y1,x2\n1,2,3,4,5\n', r'boxes.csv: its first line lacks y2'),
        ('frame,left,y1,x2,y2\n', "boxes.csv: .* unknown column 'left'"),
    ],
)
def test_boxes_that_do_not_fit_are_refused(video, boxes, message, thirds, tmp_path):
    if isinstance(boxes, str):
        (tmp_path / 'boxes.csv').write_text(boxes)
        boxes = tmp_path / 'boxes.csv'
    with pytest.raises(ValueError, match=message):
        VIReIDInferencer(thirds)(video, 'visible', boxes)


def test_boxes_belong_to_a_video(folder, video, thirds, tmp_path):
    for inputs in (folder, [video], 'nowhere.mp4'):
        with pytest.raises(FileNotFoundError, match='Boxes belong to one video'):
            VIReIDInferencer(thirds)(inputs, 'visible', {0: [(0, 0, 5, 9)]})
    with pytest.raises(ValueError, match='cannot be read as a video'):
        VIReIDInferencer(thirds)(folder / 'notes.txt', 'visible', {0: [(0, 0, 5, 9)]})
    with pytest.raises(FileNotFoundError, match='There is no file of boxes'):
        VIReIDInferencer(thirds)(video, 'visible', tmp_path / 'no.csv')


def test_ranking_takes_images_and_features(folder, thirds):
    inferencer = VIReIDInferencer(thirds)
    gallery = inferencer(folder, 'visible')
    ranking = inferencer.rank(gallery[1:3], gallery, top=2)
    assert ranking.indices[:, 0].tolist() == [1, 2] and ranking.scores.shape == (2, 2)
    with pytest.warns(UserWarning, match='Guessed by colour: 3 visible and 0 infrared'):
        again = inferencer.rank(folder / 'day', gallery, top=9)
    assert again.indices.shape == (3, 5)


def test_a_model_that_cannot_be_had_is_told_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="no model is called 'haresformer_sinth': did you mean 'haresformer_synth'?"):
        VIReIDInferencer('haresformer_sinth')
    with pytest.raises(ValueError, match='no weights of haresformer_sysu come with haresreid .*give the path of'):
        VIReIDInferencer('haresformer_sysu')
    with pytest.raises(FileNotFoundError, match="no config file at haresformer_synt.py; .*mean 'haresformer_synth'"):
        VIReIDInferencer('haresformer_synt.py')
    with pytest.raises(FileNotFoundError, match='nowhere.pth'):
        VIReIDInferencer('haresformer_synth', 'nowhere.pth')
    with pytest.raises(ValueError, match='model.onnx holds its own weights'):
        VIReIDInferencer('model.onnx', 'weights.pth')
    with pytest.raises(ValueError, match="model.onnx runs on the CPU, and the device 'cuda' is asked for"):
        VIReIDInferencer('model.onnx', device='cuda')
    with pytest.raises(ValueError, match='batch_size must be 1 or more, not 0'):
        VIReIDInferencer('haresformer_synth', batch_size=0)


WITHOUT_TORCH = """
import sys
from pathlib import Path
THERE = {*sys.stdlib_module_names, 'haresreid', *sys.argv.pop().split(',')}
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] not in THERE:
            raise ModuleNotFoundError(f'{name} is not installed', name=name)
sys.meta_path.insert(0, Absent())
images_and_model = sys.argv[1:]
from haresreid.apis import Features, Ranking, VIReIDInferencer, list_models
from haresreid.structures import Modality
inferencer = VIReIDInferencer(sys.argv[2], batch_size=2)
features = inferencer(sys.argv[1], Modality.VISIBLE)
ranking = inferencer.rank(features[:1], features, top=1)
assert next(iter(ranking))[2] == features.paths[0] and 'agw_synth' in list_models()
ranking.draw(sys.argv[1] + '/../ranking.png')
features._repr_html_(), ranking._repr_html_()
features.save(sys.argv[1] + '/../features.npz')
try:
    VIReIDInferencer('haresformer_synth', 'weights.pth')
except ValueError as error:
    assert "runs in PyTorch, and the package 'mmengine' is not installed" in str(error)

import runpy
for arguments in ('index {0}/../gallery {0} --model {1} --modality visible',
                  'query {0}/../gallery {0}/day/a.png --model {1} --top 1',
                  'add {0}/../gallery {0} --model {1}', 'stats {0}/../gallery', 'compact {0}/../gallery',
                  'query {0}/../gallery {0}/day/a.png --model {1} --picture {0}/found.png'):
    sys.argv[1:] = arguments.format(*images_and_model).split()
    runpy.run_path('tools/search.py', run_name='__main__')
"""
DOCUMENTED = re.compile(r'pip install ([\w ]+) && pip install --no-deps haresreid')


def modules_of(packages: list[str]) -> set[str]:
    """What can be imported once these packages are installed, with what they require."""
    there = set()
    for package in packages:
        there |= {
            module for module, owners in metadata.packages_distributions().items() if package in map(str.lower, owners)
        }
        required = [re.match(r'[\w-]+', text)[0] for text in metadata.requires(package) or () if 'extra ==' not in text]
        there |= modules_of(required)
    return there


@pytest.fixture
def exported(tmp_path) -> str:
    """An ONNX file as an export leaves it, whose feature is the direction of the mean colour."""
    images = helper.make_tensor_value_info('images', TensorProto.UINT8, ['batch', 96, 48, 3])
    features = helper.make_tensor_value_info('features', TensorProto.FLOAT, ['batch', 3])
    nodes = [
        helper.make_node('Cast', ['images'], ['float'], to=TensorProto.FLOAT),
        helper.make_node('ReduceMean', ['float', 'axes'], ['mean'], keepdims=0),
        helper.make_node('LpNormalization', ['mean'], ['features'], axis=1, p=2),
    ]
    axes = helper.make_tensor('axes', TensorProto.INT64, [2], [1, 2])
    graph = helper.make_graph(nodes, 'mean colour', [images], [features], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=10)
    helper.set_model_props(model, {KEY: json.dumps(dict(image_size=[96, 48]))})
    onnx.save(model, tmp_path / 'model.onnx')
    return str(tmp_path / 'model.onnx')


def test_an_exported_model_runs_without_pytorch(folder, exported, root):
    """Nor is there MMEngine, only what the guide installs; the search tool runs there too, but for pictures."""
    guide = (root / 'docs/en/user_guides/inference.md').read_text(encoding='utf-8')
    modules = modules_of(DOCUMENTED.search(guide)[1].split())
    assert {'numpy', 'PIL', 'onnxruntime'} <= modules and modules.isdisjoint({'torch', 'mmengine', 'tqdm', 'scipy'})
    done = subprocess.run(
        [sys.executable, '-c', WITHOUT_TORCH, str(folder), exported, ','.join(modules)],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.stderr.splitlines()[-1] == (
        "error: this needs the package 'matplotlib', which is not installed: install haresreid with what it requires, "
        'pip install -e .'
    )
    assert 'Added 5 images; the index holds 5.' in done.stdout and 'Added 0 images (5 left out' in done.stdout
    assert '1.0000' in done.stdout and 'kind' in done.stdout
    features = Features.load(folder.parent / 'features.npz').features
    colour = read_rgb(folder / 'day/c.png').mean(axis=(0, 1))  # it has the model's size
    np.testing.assert_allclose(features[1], colour / np.linalg.norm(colour), atol=1e-5)
    assert (folder.parent / 'ranking.png').is_file()


def test_a_phones_portrait_is_read_standing(folder, thirds):
    upright = Image.open(folder / 'day/a.png')
    flag = Image.Exif()
    flag[0x112] = 6  # stored lying, a quarter turn to the left
    upright.transpose(Image.Transpose.ROTATE_90).save(folder / 'phone.png', exif=flag)
    inferencer = VIReIDInferencer(thirds)
    query, answer = (inferencer(folder / name, 'visible') for name in ('phone.png', 'day/a.png'))
    np.testing.assert_array_equal(query.features, answer.features)
    picture = np.asarray(inferencer.rank(query, answer).draw())
    np.testing.assert_array_equal(picture[20:164, 6:78], picture[20:164, 90:162])  # the query beside its answer


def test_deep_grey_is_no_white(folder, thirds):
    grey = np.asarray(Image.open(folder / 'night/a.png').convert('L'))
    Image.fromarray(grey.astype(np.uint16) * 256 + 77).save(folder / 'deep.png')
    Image.fromarray(grey).save(folder / 'shallow.png')
    inferencer = VIReIDInferencer(thirds)
    deep, shallow = (inferencer(folder / name, 'infrared').features for name in ('deep.png', 'shallow.png'))
    np.testing.assert_array_equal(deep, shallow)


@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_features_that_are_no_numbers_are_told_after_the_first_batch(folder, thirds, value):

    class Broken:
        image_size, feature_dim, batches = thirds.image_size, thirds.feature_dim, 0

        def __call__(self, images, modalities):
            self.batches += 1
            return np.full((len(images), self.feature_dim), value, np.float32)

    broken = Broken()
    with pytest.raises(ValueError, match='no numbers .* weights are damaged'):
        VIReIDInferencer(broken, batch_size=1)(folder, 'visible')
    assert broken.batches == 1


def test_counts_are_read_in_the_range_of_the_models_training(folder, thirds):
    counts = np.linspace(7000, 9000, 96 * 48).reshape(96, 48)
    Image.fromarray(counts.astype(np.uint16)).save(folder / 'counts.png')
    Image.fromarray(counts.astype(np.float32)).save(folder / 'counts.tif')
    Image.fromarray(np.interp(counts.astype(np.uint16), (7000, 9000), (0, 255)).round().astype(np.uint8)).save(
        folder / '8bit.png'
    )
    with pytest.raises(ValueError, match="'.*counts.tif' .*raw counts"):
        VIReIDInferencer(thirds)(folder / 'counts.tif', 'infrared')
    thirds.thermal_range = (7000, 9000)
    inferencer = VIReIDInferencer(thirds)
    expected, deep, raw = (
        inferencer(folder / name, 'infrared').features for name in ('8bit.png', 'counts.png', 'counts.tif')
    )
    np.testing.assert_array_equal(deep, expected)
    np.testing.assert_allclose(raw, expected, atol=1e-3)
