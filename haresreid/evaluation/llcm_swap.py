"""A warning for LLCM metrics that look like those of its released test script, which exchanges query and gallery."""

from collections.abc import Mapping

__all__ = ['swapped_llcm_warning']

PROTOCOL = 'llcm/v2i'
# Points by which Rank-1 exceeds mAP. Published results by the paper's rule: -5.1 (LbA) to -3.3 (DEEN); by the exchanged
# rule, in the README of ZYK100/LLCM: 12.7 (DDAG) to 16.5 (AGW).
FAR_ABOVE = 5.0


def swapped_llcm_warning(figures: Mapping[str, Mapping[str, float]]) -> str | None:
    """Name the rows of a table whose Rank-1 on LLCM, visible to infrared, lies far above their mAP.

    Args:
        figures (Mapping[str, Mapping[str, float]]): By row, its metrics in percent by ``'<protocol>/<metric>'``.

    Returns:
        str | None: One sentence, or None when all is well.
    """
    found = []
    for row, values in figures.items():
        rank, precision = (values.get(f'{PROTOCOL}/{metric}') for metric in ('R1', 'mAP'))
        if rank is not None and precision is not None and rank - precision > FAR_ABOVE:
            found.append(f'{row} (Rank-1 {rank:.2f}, mAP {precision:.2f})')
    if not found:
        return None
    return (
        f'{PROTOCOL}: Rank-1 more than {FAR_ABOVE:g} points above mAP looks like the rule of the released test '
        f'script, {PROTOCOL}-legacy, which exchanges query and gallery and cannot be compared: {", ".join(found)}.'
    )
