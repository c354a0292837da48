"""The methods of the paper's Tables VI to VIII that do not run here, each with the reason."""

from collections.abc import Iterable

__all__ = ['NOT_RUN', 'method_of']

NO_CODE = 'no code exists'
# The paper's label -> what stands in the place of our figures, and why. A method that is built later needs no change
# here: a config takes precedence.
NOT_RUN = {
    'GECNet': (NO_CODE, 'none was found; it colours infrared images by a GAN (from memory, unverified)'),
    'G2DA': (NO_CODE, 'none was found; it needs the skeletons that a pose estimator finds in infrared images'),
    'FAM': (NO_CODE, 'none was found, nor an abstract'),
    'SPOT': (NO_CODE, 'none was found; it needs the heatmaps of a pose estimator'),
}


def method_of(label: str, methods: Iterable[str]) -> str | None:
    """The method behind a label of the paper, which may be built 'as described'; None if there is none.

    Examples:
        >>> method_of('DTRM', ['DDAG', 'DTRM, as described'])
        'DTRM, as described'
    """
    return next((method for method in methods if method.removesuffix(', as described') == label), None)
