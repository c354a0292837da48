"""Figures of several models: read from their results, averaged, and put into a cell of a table."""

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ['NONE', 'mean_and_spread', 'means', 'models_per_row', 'read_metrics', 'refuse_other_data']

NONE = '–'  # shown if there is no value


def refuse_other_data(contents: Sequence[dict]) -> None:
    """Refuse results on different images, which cannot be compared.

    Raises:
        ValueError: If two models were tested on different images.
    """
    there: dict[int | None, str] = {}
    for content in contents:
        data, config = content['data'], content['config']['name']
        first = there.setdefault(data.get('split'), data['fingerprint'])
        if first != data['fingerprint']:
            raise ValueError(
                f'the runs were tested on different images (fingerprints {first[:12]} and, of {config}, '
                f'{data["fingerprint"][:12]}): give a --work-dir for each set of images'
            )


def read_metrics(contents: Sequence[dict], columns: Sequence[str]) -> dict[str, np.ndarray]:
    """By column (``'<protocol>/<metric>'``), a value in percent for each model that was tested by this protocol."""
    figures = {}
    for column in columns:
        protocol, metric = column.rsplit('/', 1)
        values = [
            100 * content['protocols'][protocol]['ours']['mean'][metric]
            for content in contents
            if protocol in content['protocols']
        ]
        if values:
            figures[column] = np.array(values)
    return figures


def means(figures: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The mean of each column over its models."""
    return {column: float(values.mean()) for column, values in figures.items()}


def models_per_row(counts: Sequence[int]) -> str:
    """For a caption: the number of models that the values are means of."""
    if max(counts) < 2:
        return 'one model per row'
    models = f'{max(counts)}' if len(set(counts)) == 1 else f'{min(counts)} to {max(counts)}'
    return f'mean ± standard deviation over {models} models per row'


def mean_and_spread(values: np.ndarray | None, decimals: int = 2) -> str:
    """A cell: '12.34 ± 0.56'; without the spread for one model, and a dash for none."""
    if values is None:
        return NONE
    return f'{values.mean():.{decimals}f}' + (f' ± {values.std():.{decimals}f}' if len(values) > 1 else '')
