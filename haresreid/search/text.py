"""What was found, and what is in an index, as text for a terminal."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from haresreid.choices import MODALITIES
from haresreid.files.markdown import markdown_table
from haresreid.files.printable import printable

from .gallery import Gallery, Hits
from .times import to_iso

if TYPE_CHECKING:
    from .people import AssignmentQuality

__all__ = ['chance_text', 'hits_table', 'nobody_text', 'quality_text', 'stats_text']


def hits_table(
    hits: Hits, number: int, probabilities: np.ndarray | None = None, min_probability: float | None = None
) -> str:
    """The hits of one query as text.

    Args:
        hits (Hits): Of several queries.
        number (int): Which of them.
        probabilities (np.ndarray, optional): (Q, k, 3) of :func:`hit_probabilities`. Defaults to None.
        min_probability (float, optional): Leave out hits that are less probable, and those of unknown probability; the
            answer is "nobody" if none is left. Defaults to None.
    """
    if not hits.paths[number]:
        return 'nothing fulfils the conditions'
    size = len(hits.paths[number])
    chances = np.full((size, 3), np.nan) if probabilities is None else probabilities[number]  # (k, 3)
    shown = np.ones(size, dtype=bool) if min_probability is None else chances[:, 0] >= min_probability  # (k,)
    if not shown.any():
        return nobody_text(chances[0], min_probability or 0)
    people = hits.columns.get('person', np.full(hits.ids.shape, -1))[number]  # (k,)
    columns = dict(
        rank=[str(rank) for rank in range(1, size + 1)],
        score=[f'{score:.4f}' for score in hits.scores[number]],
        probability=[chance_text(chance) for chance in chances],
        id=[str(found) for found in hits.ids[number]],
        camera=[_known(camera) for camera in hits.cameras[number]],
        track=[_known(track) for track in hits.tracks[number]],
        person=[_known(person) for person in people],
        time=[to_iso(time) for time in hits.times[number]],
        modality=[MODALITIES[modality] if modality >= 0 else '-' for modality in hits.modalities[number]],
        path=[printable(path) for path in hits.paths[number]],
    )
    if probabilities is None:
        del columns['probability']
    if not any(track >= 0 for track in hits.tracks[number]):
        del columns['track']
    if not any(person >= 0 for person in people):
        del columns['person']
    padded = []
    for name, texts in columns.items():
        texts = list(compress(texts, shown))
        width = max(map(len, (name, *texts)))
        pad = str.ljust if name in ('time', 'modality', 'path') else str.rjust
        padded.append([pad(text, width) for text in (name, *texts)])
    return '\n'.join('  '.join(line).rstrip() for line in zip(*padded))


def _known(number: int) -> str:
    return str(number) if number >= 0 else '-'


def nobody_text(best: np.ndarray, least: float) -> str:
    """The answer "nobody": the best hit's probability (3,) is less than the least one."""
    return f'nobody: the best hit has the probability {chance_text(best)}, and {least:g} is asked for'


def chance_text(probability: np.ndarray) -> str:
    """A probability in percent with its interval, (3,), which may be NaN."""
    if np.isnan(probability).any():
        return 'unknown'
    chance, low, high = 100 * probability
    return f'{chance:.1f} % ({low:.1f} to {high:.1f})'


def stats_text(index: Gallery) -> str:
    """What is in an index, a line for each figure."""
    found = index.stats()
    times = [
        to_iso(float('nan') if time is None else time) for time in (found.pop('first_time'), found.pop('last_time'))
    ]
    found.update(times=' to '.join(times), bytes=f'{found["bytes"]:,}')
    lines = []
    for name, value in found.items():
        if isinstance(value, dict):
            value = ', '.join(f'{key} {part}' for key, part in value.items() if part is not None) or '-'
        lines.append(f'{name.replace("_", " "):<20}{printable(value)}')
    return '\n'.join(lines)


def quality_text(quality: AssignmentQuality) -> str:
    """The figures of an assignment in percent, as the tables of the guide."""
    rows = [['pairs', 'precision', 'recall', 'F1']]
    for name, pairs in (('all', quality.pairs), ('visible-infrared', quality.across)):
        rows.append([name, *(_percent(share) for share in (pairs.precision, pairs.recall, pairs.f1))])
    alone = _percent(quality.people / quality.tracks)
    return (
        f'{quality.people:,} people in truth; IDF1 {_percent(quality.idf1)}, and {alone} if each track were a person '
        f'of its own\n\n{markdown_table(rows, 1)}'
    )


def _percent(share: float) -> str:
    return '–' if np.isnan(share) else f'{100 * share:.1f}'
