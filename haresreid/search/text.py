"""What was found, and what is in an index, as text for a terminal."""

from haresreid.choices import MODALITIES
from haresreid.files.printable import printable

from .gallery_index import GalleryIndex, Hits
from .times import to_iso

__all__ = ['hits_table', 'stats_text']


def hits_table(hits: Hits, number: int) -> str:
    """The hits of one query as text.

    Args:
        hits (Hits): Of several queries.
        number (int): Which of them.
    """
    rows = [('rank', 'score', 'id', 'camera', 'time', 'modality', 'path')]
    for rank, path in enumerate(hits.paths[number]):
        camera, modality = hits.cameras[number, rank], hits.modalities[number, rank]
        rows.append(
            (
                str(rank + 1),
                f'{hits.scores[number, rank]:.4f}',
                str(hits.ids[number, rank]),
                str(camera) if camera >= 0 else '-',
                to_iso(hits.times[number, rank]),
                MODALITIES[modality] if modality >= 0 else '-',
                printable(path),
            )
        )
    if len(rows) == 1:
        return 'nothing fulfils the conditions'
    widths = [max(map(len, column)) for column in zip(*rows)]
    return '\n'.join(
        '  '.join(
            text.ljust(width) if column > 3 else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    )


def stats_text(index: GalleryIndex) -> str:
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
