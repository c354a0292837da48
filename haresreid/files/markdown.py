"""The tables that commands print, as Markdown."""

from collections.abc import Sequence

__all__ = ['markdown_table']


def markdown_table(grid: Sequence[Sequence[object]], labels: int | None = None) -> str:
    """Format a Markdown table.

    Args:
        grid (Sequence[Sequence[object]]): Lines of cells; the first is the head.
        labels (int, optional): Number of leading columns that hold text and are left-aligned; the others hold numbers
            and are right-aligned. Defaults to all columns.

    Examples:
        >>> print(markdown_table([['method', 'R1'], ['AGW', 47.5]], labels=1))
        | method | R1 |
        | :-- | --: |
        | AGW | 47.5 |
    """
    head, *body = grid
    rule = [':--' if labels is None or column < labels else '--:' for column in range(len(head))]
    lines = ([str(cell).replace('|', r'\|') for cell in line] for line in (head, rule, *body))
    return '\n'.join(f'| {" | ".join(cells)} |' for cells in lines)
