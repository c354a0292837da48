"""A table of results as text: Markdown, LaTeX or CSV."""

from collections.abc import Sequence

from haresreid.files.csv_files import csv_text
from haresreid.files.markdown import markdown_table
from haresreid.files.printable import printable

from .tables import ResultTable

__all__ = ['FORMATS']

ALPHA = 0.05  # a difference with a smaller p is more than chance

LATEX_ESCAPES = str.maketrans(
    {
        **{character: f'\\{character}' for character in '&%$#_{}'},
        '\\': r'\textbackslash{}',
        '~': r'\textasciitilde{}',
        '^': r'\textasciicircum{}',
        '±': r'$\pm$',
        '–': '--',
        '≈': r'$\approx$',
    }
)


def _texts(table: ResultTable, number: int) -> list[str]:
    """The cells of one line; ≈ marks those that do not differ from the line that the table compares with."""
    cells, p_values = table.lines[number][1], table.p_values[number] if table.p_values else {}
    texts = []
    for column in table.columns:
        mean, std = cells.get(column, (None, None))
        text = '–' if mean is None else f'{mean:.2f}' if std is None else f'{mean:.2f} ± {std:.2f}'
        texts.append(f'{text} ≈' if p_values.get(column, 0) >= ALPHA else text)
    return texts


def _below(table: ResultTable) -> str:
    return f'{table.caption} Warning: {table.warning}' if table.warning else table.caption


def _markdown(table: ResultTable) -> str:
    grid = [
        [*table.label_heads, *(f'{protocol} {metric}' for protocol, metric in table.columns)],
        *([*labels, *_texts(table, number)] for number, (labels, _) in enumerate(table.lines)),
    ]
    cells = [[printable(cell) for cell in line] for line in grid]
    return '\n'.join([markdown_table(cells, len(table.label_heads)), '', printable(_below(table))])


def _csv(table: ResultTable) -> str:
    """Means, standard deviations and p in separate columns. The output is for programs, so there is no caption."""
    parts = ('', ' std', ' p') if table.p_values else ('', ' std')
    heads = (f'{protocol} {metric}{part}' for protocol, metric in table.columns for part in parts)
    rows = [[*table.label_heads, *map(printable, heads)]]
    for number, (labels, cells) in enumerate(table.lines):
        figures = [
            figure
            for column in table.columns
            for figure in (
                *cells.get(column, (None, None)),
                *([table.p_values[number].get(column)] if table.p_values else []),
            )
        ]
        rows.append([*map(printable, labels), *('' if figure is None else f'{figure:.4f}' for figure in figures)])
    return csv_text(rows).rstrip('\n')


def _latex(table: ResultTable) -> str:
    before, width = len(table.label_heads), len(table.metrics)
    starts = range(before + 1, before + 1 + len(table.columns), width)  # columns count from 1
    groups = [rf'\multicolumn{{{width}}}{{c}}{{{_escaped(protocol)}}}' for protocol in table.protocols]
    body = [
        [*map(_escaped, labels), *map(_escaped, _texts(table, number))]
        for number, (labels, _) in enumerate(table.lines)
    ]
    return '\n'.join(
        [
            r'% needs \usepackage{booktabs}',
            r'\begin{table}',
            r'\centering',
            rf'\caption{{{_escaped(_below(table))}}}',
            rf'\begin{{tabular}}{{{"l" * before}{"r" * len(table.columns)}}}',
            r'\toprule',
            _latex_row([''] * before + groups),
            ' '.join(rf'\cmidrule(lr){{{start}-{start + width - 1}}}' for start in starts),
            _latex_row([*table.label_heads, *(metric for _, metric in table.columns)]),
            r'\midrule',
            *map(_latex_row, body),
            r'\bottomrule',
            r'\end{tabular}',
            r'\end{table}',
        ]
    )


def _latex_row(cells: Sequence[str]) -> str:
    return ' & '.join(cells) + r' \\'


def _escaped(text: str) -> str:
    return printable(text).translate(LATEX_ESCAPES)


FORMATS = dict(markdown=_markdown, latex=_latex, csv=_csv)
