"""The methods of the paper's Tables VI to VIII that do not run here, each with the reason."""

from collections.abc import Iterable

__all__ = ['NOT_RUN', 'method_of']

NO_CODE = 'no code exists'
# The paper's label -> what stands in the place of our figures, and why. A method that is built later needs no change
# here: a config takes precedence.
NOT_RUN = {
    'GECNet': (
        NO_CODE,
        'none was found; the abstract colours infrared images with the help of grey ones, but names neither its '
        'networks nor its losses, so a row would be a colourisation of our own',
    ),
    'FAM': (NO_CODE, 'none was found, nor an abstract'),
    'SPOT': (
        NO_CODE,
        'none was found; one of its two parts takes the structure of a person from the heatmaps of a pose estimator, '
        'and without it half of a row would be ours',
    ),
}


def method_of(label: str, methods: Iterable[str]) -> str | None:
    """The method behind a label of the paper, which may be built 'as described'; None if there is none.

    Examples:
        >>> method_of('DTRM', ['DDAG', 'DTRM, as described'])
        'DTRM, as described'
    """
    return next((method for method in methods if method.removesuffix(', as described') == label), None)
