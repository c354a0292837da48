import base64
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from haresreid.report import blocks
from haresreid.report.blocks import picture_of_figure, picture_of_file, why


def opened(picture):
    return Image.open(io.BytesIO(base64.b64decode(picture.source.split(',')[1])))


def red():
    """Half of the figure is red."""
    figure = Figure(figsize=(2, 1), facecolor='red')
    figure.subplots().plot([0, 1])
    return figure


def test_lines_are_an_svg():
    picture = picture_of_figure(red(), 'what it shows')
    assert picture.source.startswith('data:image/svg+xml;base64,') and picture.width == 250
    assert b'<svg' in base64.b64decode(picture.source.split(',')[1])


def test_very_many_lines_are_pixels(monkeypatch):
    monkeypatch.setattr(blocks, 'MAX_SVG', 1000)
    assert opened(picture_of_figure(red(), 'what it shows')).size == (400, 200)


@pytest.mark.parametrize('kind', ['figure', 'file'])
def test_photographs_are_jpegs_of_the_right_colours(tmp_path, kind):
    if kind == 'figure':
        picture = picture_of_figure(red(), 'what it shows', photographs=True)
    else:
        red().savefig(tmp_path / 'a.png', dpi=150)
        picture = picture_of_file(tmp_path / 'a.png', 'what it shows')
    assert picture.source.startswith('data:image/jpeg;base64,') and picture.width == 250
    np.testing.assert_allclose(opened(picture).getpixel((3, 3)), (255, 0, 0), atol=4)  # JPEG's loss


def test_errors_are_one_sentence():
    assert why(ValueError('Long story.\nThere is no file a.')) == 'There is no file a.'
    assert why(KeyError('lr')) == "KeyError: 'lr'."
    assert why(RuntimeError()) == 'RuntimeError: no message.'
