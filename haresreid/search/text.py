"""What was found, and what is in an index, as text for a terminal."""

from haresreid.choices import MODALITIES
from haresreid.files.printable import printable

from .gallery import Gallery, Hits
from .times import to_iso

__all__ = ['hits_table', 'stats_text']


def hits_table(hits: Hits, number: int) -> str:
    """The hits of one query as text.

    Args:
        hits (Hits): Of several queries.
        number (int): Which of them.
    """
    if not hits.paths[number]:
        return 'nothing fulfils the conditions'
    columns = dict(
        rank=[str(rank) for rank in range(1, len(hits.paths[number]) + 1)],
        score=[f'{score:.4f}' for score in hits.scores[number]],
        id=[str(found) for found in hits.ids[number]],
        camera=[_known(camera) for camera in hits.cameras[number]],
        track=[_known(track) for track in hits.tracks[number]],
        time=[to_iso(time) for time in hits.times[number]],
        modality=[MODALITIES[modality] if modality >= 0 else '-' for modality in hits.modalities[number]],
        path=[printable(path) for path in hits.paths[number]],
    )
    if not any(track >= 0 for track in hits.tracks[number]):
        del columns['track']
    padded = []
    for name, texts in columns.items():
        width = max(map(len, (name, *texts)))
        pad = str.ljust if name in ('time', 'modality', 'path') else str.rjust
        padded.append([pad(text, width) for text in (name, *texts)])
    return '\n'.join('  '.join(line).rstrip() for line in zip(*padded))


def _known(number: int) -> str:
    return str(number) if number >= 0 else '-'


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
