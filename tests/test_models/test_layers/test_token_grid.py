import pytest

from haresreid.models.layers import token_grid


@pytest.mark.parametrize(
    'count, aspect, grid',
    [
        (128, 2, (16, 8)),
        (210, 2.1, (21, 10)),
        (253, 2, (23, 11)),
        (364, 2, (28, 13)),
        (144, 1, (12, 12)),
        (144, 2, (18, 8)),
        (18, 0.5, (3, 6)),
        (1, 2, (1, 1)),
    ],
)
def test_the_grid_nearest_to_the_images_aspect(count, aspect, grid):
    assert token_grid(count, aspect) == grid


@pytest.mark.parametrize('count', [0, 127, 254])
def test_what_no_image_has_is_refused(count):
    with pytest.raises(ValueError, match=f'{count} patch tokens fill no grid'):
        token_grid(count, 2)
