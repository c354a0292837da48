import numpy as np

from haresreid.datasets import RandomErasing

HEIGHT, WIDTH = 72, 36
FILL = np.float32([0.485, 0.456, 0.406])


def erase(**kwargs):
    img = np.full((HEIGHT, WIDTH, 3), -9, dtype=np.float32)
    return RandomErasing(**kwargs)(dict(img=img))['img']


def rectangle(img):
    """(top, left, h, w) of the changed pixels; asserts that they are one rectangle of the fill colour."""
    rows, columns = np.where((img != -9).any(axis=2))
    top, left, h, w = rows.min(), columns.min(), np.ptp(rows) + 1, np.ptp(columns) + 1
    assert len(rows) == h * w
    assert (img[top : top + h, left : left + w] == FILL).all()
    return top, left, h, w


def test_statistics_over_10k_draws():
    np.random.seed(0)
    erased = [rectangle(img) for img in (erase() for _ in range(10_000)) if (img != -9).any()]

    assert abs(len(erased) / 10_000 - 0.5) < 0.02
    tops, lefts, h, w = np.array(erased).T
    # h and w are each rounded to a pixel: the area may leave its range by half a pixel on two sides
    slack = (h + w) / 2 + 1
    assert (h * w >= 0.02 * HEIGHT * WIDTH - slack).all() and (h * w <= 0.4 * HEIGHT * WIDTH + slack).all()
    assert h.max() < HEIGHT and w.max() < WIDTH
    # positions are uniform: mean of top / (largest possible top) is one half
    assert abs(np.mean(tops / (HEIGHT - h)) - 0.5) < 0.02
    assert abs(np.mean(lefts / (WIDTH - w)) - 0.5) < 0.02
    assert (tops == HEIGHT - h).any() and (tops == 0).any()
    assert 0.25 < (h / w).min() < 0.4 and 3 < (h / w).max() < 4
    assert (h * w).min() < 0.03 * HEIGHT * WIDTH and (h * w).max() > 0.39 * HEIGHT * WIDTH


def test_prob_is_respected():
    assert all((erase(prob=1.0) != -9).any() for _ in range(100))
    assert not any((erase(prob=0.0) != -9).any() for _ in range(100))


def test_without_a_colour_it_is_noise():
    np.random.seed(0)
    drawn = np.concatenate([img[img != -9] for img in (erase(prob=1.0, fill=None) for _ in range(100))])
    assert len(drawn) > 10_000 and abs(drawn.mean()) < 0.02 and abs(drawn.std() - 1) < 0.02
    assert abs((np.abs(drawn) < 1).mean() - 0.683) < 0.01


def test_rectangle_that_never_fits():
    img = erase(prob=1.0, area=(2.0, 3.0))
    assert (img == -9).all()
