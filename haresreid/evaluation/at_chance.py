"""A warning for results that a random ranking would reach, the most frequent complaint in the field."""

from .evaluate import ProtocolResult

__all__ = ['at_chance_warning']

# Collapsed models reach Rank-1 at chance and mAP a little above it, because people differ in their numbers of images.
FACTOR = 1.5
# With fewer queries, or so few people that a guess is right more often than this, a good model may get there by luck.
MIN_QUERIES, MAX_CHANCE = 100, 0.1

CAUSES = (
    'the training has collapsed (curves.png shows a triplet or centre loss that stays at its margin: lower the '
    'learning rate or warm it up)',
    'the weights are not those that were trained (another checkpoint, or none)',
    'images are prepared otherwise than in training (size, normalisation, channel order)',
    'the two modalities or the identities of query and gallery are mixed up (folders swapped, another split)',
)


def at_chance_warning(results: dict[str, dict[str, ProtocolResult]]) -> str | None:
    """Name the protocols whose row 'ours' is no better than the row 'chance', with the likely causes.

    Args:
        results (dict): Protocol name -> row name -> result. Protocols without a row 'chance', or with only a handful
            of images, are skipped.

    Returns:
        str | None: One sentence with the likely causes, or None when all is well.
    """
    found = []
    for name, rows in results.items():
        chance = rows.get('chance')
        telling = chance and chance.num_valid.min() >= MIN_QUERIES and chance.mean('R1') <= MAX_CHANCE
        if telling and all(rows['ours'].mean(metric) < FACTOR * chance.mean(metric) for metric in ('R1', 'mAP')):
            found.append(
                f'{name} (Rank-1 {100 * rows["ours"].mean("R1"):.1f}, by chance {100 * chance.mean("R1"):.1f})'
            )
    if not found:
        return None
    return f'At chance: {", ".join(found)}. Likely causes: {"; ".join(CAUSES)}.'
