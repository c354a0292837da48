import numpy as np
import pytest
from PIL import Image

from haresreid.demo import read_upload

MB = 2**20


def test_content_decides_and_not_the_name(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (9, 5, 3), dtype=np.uint8)
    path = tmp_path / 'picture.txt'
    Image.fromarray(image).save(path, format='PNG')
    assert np.array_equal(read_upload(path, MB), image)


@pytest.mark.parametrize('content, message', [
    (b'this is no image', 'cannot be read as an image'),
    (b'', 'cannot be read as an image'),
    (b'GIF89a' + bytes(20), 'cannot be read as an image'),
    (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 'cannot be read as an image'),
    (bytes(MB + 1), 'has 1.0 MB, and at most 1 MB'),
])
def test_refused_in_one_sentence(tmp_path, content, message):
    path = tmp_path / 'upload.png'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_upload(path, MB)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path):
    path = tmp_path / 'bomb.png'
    Image.new('1', (9000, 9000)).save(path)
    with pytest.raises(ValueError, match='9000 x 9000 pixels'):
        read_upload(path, MB)


def test_half_an_image_is_refused(tmp_path):
    path = tmp_path / 'half.png'
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ValueError, match='cannot be read as an image'):
        read_upload(path, MB)
