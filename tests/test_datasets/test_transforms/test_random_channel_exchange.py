import numpy as np

from haresreid.datasets import RandomChannelExchange

IMG = np.random.RandomState(0).randn(6, 4, 3).astype(np.float32)


def outcomes():
    """By name what an image can become, channel by channel and pixel by pixel."""
    out = {'unchanged': IMG}
    for name, weights in dict(R=(1, 0, 0), G=(0, 1, 0), B=(0, 0, 1), grey=(0.2989, 0.587, 0.114)).items():
        out[name] = np.zeros_like(IMG)
        for row, column, channel in np.ndindex(IMG.shape):
            out[name][row, column, channel] = sum(w * value for w, value in zip(weights, IMG[row, column]))
    return out


def rates(count, **kwargs):
    """How often each outcome comes; every draw is one of them."""
    np.random.seed(0)
    transform = RandomChannelExchange(**kwargs)
    drawn = []
    for _ in range(count):
        img = transform(dict(img=IMG.copy()))['img']
        assert img.dtype == np.float32 and img.shape == IMG.shape
        drawn += [name for name, expected in outcomes().items() if np.allclose(img, expected, atol=1e-6)]
    assert len(drawn) == count
    return {name: drawn.count(name) / count for name in set(drawn)}


# the standard deviation of a rate over 2,000 draws is at most .011
def test_one_of_the_three_channels_is_always_copied():
    found = rates(2000)
    assert set(found) == {'R', 'G', 'B'} and all(abs(rate - 1 / 3) < 0.04 for rate in found.values())


def test_the_fourth_draw_is_grey_every_other_time():
    found = rates(2000, gray_prob=0.5)
    expected = dict(R=1 / 4, G=1 / 4, B=1 / 4, grey=1 / 8, unchanged=1 / 8)
    assert set(found) == set(expected) and all(abs(found[name] - rate) < 0.04 for name, rate in expected.items())
    assert 'unchanged' not in rates(200, gray_prob=1.0) and 'grey' not in rates(200, gray_prob=0.0)
