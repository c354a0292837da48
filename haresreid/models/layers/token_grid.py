"""The rows and columns behind a number of tokens."""

import math

__all__ = ['token_grid']

TALLEST = 4  # rows over columns, or columns over rows, of a grid that could be of images


def token_grid(count: int, aspect: float) -> tuple[int, int]:
    """The grid (h, w) with ``count`` cells whose aspect ratio is nearest to that of the images.

    Args:
        count (int): Number of patch tokens, without the class token.
        aspect (float): Height over width of the images.

    Raises:
        ValueError: If every grid of so many cells is more than four times as high as wide, or the reverse.

    Examples:
        >>> token_grid(253, aspect=2)
        (23, 11)
    """
    grids = [(count // width, width) for width in range(1, count + 1) if count % width == 0]
    height, width = min(grids, key=lambda grid: abs(math.log(grid[0] / grid[1] / aspect)), default=(0, 1))
    if not 1 / TALLEST <= height / width <= TALLEST:
        raise ValueError(
            f'{count} patch tokens fill no grid that images could have; the nearest is {height} x {width}.'
        )
    return height, width
