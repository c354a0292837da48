"""From light to pixels: gain, optics, noise, display curve and resolution of a camera."""

import cv2
import numpy as np

from .camera import Camera, Sensor

__all__ = ['expose']

_LUMINANCE = np.array([0.30, 0.59, 0.11], np.float32)
_MOTION_BLUR = 0.25  # share of images
_HIGHLIGHT = 0.90  # linear level that the brightest 2 % may reach
_ROW_NOISE = 0.006  # of an infrared detector
_THERMAL_BLUR = 0.7  # output pixels, on top of the camera's own


def expose(
    light: np.ndarray, camera: Camera, size: tuple[int, int], supersampling: float, rng: np.random.Generator
) -> np.ndarray:
    """Turn the received light into the image file's pixels.

    Args:
        light: (sH, sW, C) linear light at the supersampled size.
        camera: The camera.
        size: Image (height, width) in pixels.
        supersampling: The factor s.
        rng: The image's generator.

    Returns:
        (H, W, 3) uint8 RGB; the channels are equal in infrared.
    """
    visible = camera.sensor is Sensor.VISIBLE
    if visible:
        light = light @ _colour_matrix(camera)
    else:
        light = light[..., :1]
    light = _normalise_range(light) if camera.sensor is Sensor.THERMAL else _auto_gain(light, camera, rng)
    light = _blur(light, camera, supersampling, rng)
    image = np.clip(light, 0, 1) ** np.float32(0.9 if camera.sensor is Sensor.THERMAL else camera.gamma)
    image = _sample(image, camera, size, rng)
    image = (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)
    return image if visible else np.repeat(image, 3, axis=2)


def _colour_matrix(camera: Camera) -> np.ndarray:
    """(3, 3) matrix from scene RGB to camera RGB: saturation, then white balance."""
    saturation = np.float32(camera.saturation)
    mix = saturation * np.eye(3, dtype=np.float32) + (1 - saturation) * _LUMINANCE[:, None]
    return mix * camera.white_balance


def _auto_gain(light: np.ndarray, camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Bring the mean to the camera's exposure, unless the highlights would wash out."""
    sample = light[::2, ::2].max(2)
    gain = camera.exposure * rng.uniform(0.85, 1.18) / sample.mean()
    return light * np.float32(min(gain, _HIGHLIGHT / np.percentile(sample, 98)))


def _normalise_range(light: np.ndarray) -> np.ndarray:
    """The automatic gain of a thermal camera: the 1-99 % range of the frame fills the display."""
    low, high = np.percentile(light[::2, ::2], [1, 99])
    return (light - np.float32(low)) / np.float32(high - low + 1e-3)


def _blur(light: np.ndarray, camera: Camera, supersampling: float, rng: np.random.Generator) -> np.ndarray:
    """Optical blur and, now and then, sideways motion."""
    sigma = camera.blur * rng.uniform(0.7, 1.4) + 0.15 + (_THERMAL_BLUR if camera.sensor is Sensor.THERMAL else 0)
    light = cv2.GaussianBlur(light, (0, 0), sigma * supersampling)
    if rng.random() < _MOTION_BLUR:
        light = cv2.blur(light, (int(rng.integers(2, int(4 * supersampling))), 1))
    return light


def _sample(image: np.ndarray, camera: Camera, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Sample at the effective resolution, add noise there, and enlarge to the size of the file: (H, W, C)."""
    rows = max(16, int(size[0] * camera.resolution))
    columns = max(8, int(size[1] * camera.resolution * rng.uniform(0.85, 1)))
    image = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns, -1)
    image = image + rng.standard_normal(image.shape, np.float32) * np.float32(camera.noise)
    if camera.sensor is not Sensor.VISIBLE:
        image += rng.standard_normal((rows, 1, 1), np.float32) * np.float32(_ROW_NOISE)
    return cv2.resize(image, (size[1], size[0]), interpolation=cv2.INTER_LINEAR).reshape(*size, -1)
