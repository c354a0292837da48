"""The picture of the model is the one that its script draws, with the sizes of the model."""

import runpy

from haresreid.config.config import load_config
from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.registry import MODELS

SCRIPT = ROOT / 'docs/draw_haresformer.py'
PICTURE = ROOT / 'docs/en/_static/haresformer.svg'


def test_the_picture_is_the_one_that_the_script_draws():
    script = runpy.run_path(str(SCRIPT))
    assert PICTURE.read_text('utf-8') == script['draw']()


def test_its_sizes_are_those_of_the_model():
    encoder = load_config(ROOT / 'configs/haresformer_sysu.py').model.backbone.encoder
    encoder = MODELS.build(dict(encoder, pretrained=None))
    height, width, sizes = 72, 36, []
    for channels, stride in zip(encoder.channels, encoder.strides, strict=True):
        height, width = height // stride, width // stride
        sizes.append(f'{channels} x {height} x {width}')
    assert tuple(sizes) == runpy.run_path(str(SCRIPT))['SIZES']
