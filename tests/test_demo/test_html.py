from pathlib import Path

import numpy as np
from PIL import Image

from haresreid.demo.html import thumbnail


def test_a_thumbnail_goes_with_its_picture(tmp_path):
    file = tmp_path / 'best.png'
    grey = thumbnail(str(file), None)
    Image.fromarray(np.zeros((4, 2, 3), np.uint8)).save(file)
    shown = thumbnail(str(file), None)
    assert shown != grey
    Path(file).unlink()
    assert thumbnail(str(file), None) == grey
