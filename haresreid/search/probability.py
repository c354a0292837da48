"""Whether a hit shows the query's person: the probability that a calibration gives."""

from pathlib import Path

import numpy as np

from haresreid.apis.model_names import find_trained
from haresreid.files.files import file_hash
from haresreid.structures.calibration import Calibration

from .gallery import Hits

__all__ = ['find_calibration', 'hit_probabilities']


def find_calibration(
    file: str | Path | None, model: str | None = None, weights: str | Path | None = None
) -> Calibration | None:
    """Read a calibration: the given one, or the one beside the weights, ``NAME.calibration.json``.

    Args:
        file (str | Path, optional): None looks beside the weights.
        model (str, optional): A model that ships, a config, or an ``.onnx`` file. Defaults to None: unknown.
        weights (str | Path, optional): Of a config. Defaults to None, those that ship.

    Returns:
        Calibration | None: None if no file is given and none is there.

    Raises:
        FileNotFoundError: If the given file does not exist.
        ValueError: If it is no calibration, or one of other weights.
    """
    held = None
    if model is not None:
        held = Path(model) if model.endswith('.onnx') else Path(weights or find_trained(model)[1])
    if file is None:
        file = held and held.with_suffix('.calibration.json')
        if file is None or not file.is_file():
            return None
    calibration = Calibration.load(file)
    if held is not None:
        _require_own(calibration, file, held)
    return calibration


def _require_own(calibration: Calibration, file: str | Path, held: Path) -> None:
    fitted = (calibration.info.get('checkpoint') or {}).get('sha256')
    found = _exported_from(held) if held.suffix == '.onnx' else file_hash(held)
    if None not in (fitted, found) and fitted != found:
        raise ValueError(
            f'{file} was fitted on features of other weights ({fitted}) than {held.name} ({found}): fit one on '
            'features of these with haresreid calibrate.'
        )


def _exported_from(file: Path) -> str | None:
    """The hash of the checkpoint that an exported file was made from."""
    from haresreid.apis import OnnxBackend

    return OnnxBackend(file).metadata.get('checkpoint', {}).get('sha256')


def hit_probabilities(
    calibration: Calibration, hits: Hits, modalities: np.ndarray, prior: np.ndarray | float
) -> np.ndarray:
    """The probability of each hit, with its interval.

    Args:
        calibration (Calibration): Of the model that computed the features.
        hits (Hits): Of Q queries, k each.
        modalities (np.ndarray): (Q,) of the queries; -1 is unknown.
        prior (np.ndarray | float): Of any image of the gallery, see
            :func:`haresreid.structures.calibration.expected_prior`.

    Returns:
        np.ndarray: (Q, k, 3) probability, lower end, upper end; NaN where a modality is unknown or not calibrated.
    """
    return calibration.probability(hits.scores, np.asarray(modalities)[:, None], hits.modalities, prior)
