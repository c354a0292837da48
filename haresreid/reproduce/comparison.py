"""Our results beside the paper's, with the spread over models, and whether our rows are in the paper's order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import spearmanr

from haresreid.catalogue import CATALOGUE, RUN_DATASETS
from haresreid.costs.model_cost import model_cost
from haresreid.evaluation.llcm_swap import swapped_llcm_warning
from haresreid.files.csv_files import csv_text
from haresreid.files.markdown import markdown_table

from .branches import SPREADS, read_branches
from .paper import PaperTable, Recipe, TableRow, paper_table, rows

__all__ = [
    'NONE',
    'Comparison',
    'compare',
    'full_size_costs',
    'mean_and_spread',
    'means',
    'models_per_row',
    'read_metrics',
    'refuse_other_data',
]

NONE = '–'  # shown if there is no value
BRANCH_CAPTION = (
    'Spread: standard deviation between all test images over the size, in the stage where it is least; 0 is '
    'the same output for every image. Held: class tokens and patch maps of all stages at their means.'
)
CSV_HEAD = (
    'table',
    'dataset',
    'row',
    'label',
    'recipe',
    'column',
    'ours mean',
    'ours std',
    'models',
    'paper',
    'difference',
)


@dataclass(frozen=True)
class Comparison:
    """One table of the paper with our results, metrics in percent.

    Attributes:
        source: The paper's table.
        dataset: One of ``haresreid.catalogue.RUN_DATASETS``.
        columns: ``'<protocol>/<metric>'``: the paper's columns on this data set, without the protocols left out.
        left_out: Protocols of the paper that our runs do not evaluate.
        rows: The paper's rows.
        ours: By row and column, a value for each of the row's models; a cost is a single value. What has not been run
            is missing.
        branches: By row, the values of :func:`haresreid.reproduce.branches.read_branches`.
    """

    source: PaperTable
    dataset: str
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    rows: tuple[TableRow, ...]
    ours: tuple[dict[str, np.ndarray], ...]
    branches: tuple[dict[str, np.ndarray], ...]

    def markdown(self) -> str:
        """The table with its caption, for an ablation also a comparison of the trend, and a table of the branches."""
        of_methods = any(row.recipe is None for row in self.rows)
        grid = self._among_methods() if of_methods else self._side_by_side()
        return '\n'.join(
            [
                f'## {self.source.name} on {self.dataset}: {self.source.title}',
                '',
                markdown_table(grid, labels=1),
                '',
                self._caption(),
                *([] if of_methods else self._trends()),
                *self._branches(),
            ]
        )

    def csv(self) -> str:
        """A line per row and column, for programs; an empty cell if there is no value."""
        lines = [CSV_HEAD]
        for row, ours in zip(self.rows, self.ours):
            for column in self.columns:
                values, paper = ours.get(column), row.paper.get(column)
                mean, std, models = (
                    (values.mean(), values.std(), len(values)) if values is not None else (None, None, 0)
                )
                difference = None if mean is None or paper is None else mean - paper
                mean, std, difference = ('' if value is None else f'{value:.4f}' for value in (mean, std, difference))
                lines.append(
                    (
                        *self._named(row),
                        column,
                        mean,
                        std,
                        models,
                        paper,
                        difference,
                    )
                )
        for row, figures in zip(self.rows, self.branches):
            for column, values in figures.items():
                lines.append(
                    (
                        *self._named(row),
                        column,
                        f'{values.mean():.4f}',
                        f'{values.std():.4f}',
                        len(values),
                        None,
                        None,
                    )
                )
        return csv_text(lines)

    def _named(self, row: TableRow) -> tuple:
        """The first columns of a row of the CSV file: which figure of which table it is."""
        return self.source.name, self.dataset, row.number, row.label, row.recipe and row.recipe.name

    def _side_by_side(self) -> list[list[str]]:
        parts = ('ours', 'paper', 'difference')
        grid = [['row', *(f'{_title(column)}, {part}' for column in self.columns for part in parts)]]
        for row, ours in zip(self.rows, self.ours):
            cells = [_cells(ours.get(column), row.paper.get(column)) for column in self.columns]
            grid.append([f'{row.number}: {row.label}', *(cell for triple in cells for cell in triple)])
        return grid

    def _among_methods(self) -> list[list[str]]:
        grid = [['method', *map(_title, self.columns)]]
        for row, ours in zip(self.rows, self.ours):
            mean, paper, difference = zip(*(_cells(ours.get(column), row.paper.get(column)) for column in self.columns))
            grid.append([f'{row.label} (paper)', *paper])
            if row.recipe:
                grid += [[f'{row.label} (ours)', *mean], ['ours minus paper', *difference]]
        return grid

    def _caption(self) -> str:
        real = CATALOGUE[RUN_DATASETS[self.dataset]].title
        counts = [
            max((len(values) for column, values in ours.items() if not _is_cost(column)), default=0)
            for row, ours in zip(self.rows, self.ours)
            if row.recipe
        ]
        sentences = [
            f'Percent. Ours: {models_per_row(counts)}, {NONE} where none is '
            f"finished. Paper: HAResformer's printed figures for {real}, {NONE} where it prints none."
        ]
        if self.dataset.startswith('synth'):
            sentences.append(
                "Ours are narrow models on SynVI's drawn images: not comparable with the paper's figures "
                f'for {real}, only the order of the rows is.'
            )
        if self.left_out:
            sentences.append(f'Left out, for these configs do not evaluate it: {", ".join(self.left_out)}.')
        if any(map(_is_cost, self.columns)):
            sentences.append("Costs: the full-size model, one image, by the paper's counting rule.")
        figures = {f'{row.label} (paper)': row.paper for row in self.rows}
        figures |= {f'{row.label} (ours)': means(ours) for row, ours in zip(self.rows, self.ours)}
        warning = swapped_llcm_warning(figures)
        return ' '.join([*sentences, *filter(None, [self.source.note]), *([f'Warning: {warning}'] if warning else [])])

    def _trends(self) -> list[str]:
        trends = [(column, self._trend(column)) for column in self.columns if not _is_cost(column)]
        lines = [f'- {_title(column)}: {trend}' for column, trend in trends if trend]
        return ['', "Is the order of the rows the paper's?", '', *lines] if lines else []

    def _branches(self) -> list[str]:
        columns = dict.fromkeys(column for figures in self.branches for column in figures)
        if not columns:
            return []
        grid = [['row', *columns]]
        for row, figures in zip(self.rows, self.branches):
            if row.recipe:
                cells = [mean_and_spread(figures.get(column), 3 if column in SPREADS else 2) for column in columns]
                grid.append([f'{row.number}: {row.label}', *cells])
        return ['', 'Do the transformers carry images?', '', markdown_table(grid, labels=1), '', BRANCH_CAPTION]

    def _trend(self, column: str) -> str | None:
        """Rank correlation and, since rows may differ by chance, the pairs that differ by more than their spread."""
        both = [
            (ours[column], row.paper[column])
            for row, ours in zip(self.rows, self.ours)
            if column in ours and column in row.paper
        ]
        if len(both) < 3:
            return None
        means, paper = np.array([values.mean() for values, _ in both]), np.array([figure for _, figure in both])
        constant = len(set(means)) == 1 or len(set(paper)) == 1
        rank = 'undefined, all rows are equal' if constant else f'{spearmanr(means, paper).statistic:+.2f}'
        pairs = [
            (first[0].mean() - second[0].mean(), first[1] - second[1], first[0].std() + second[0].std())
            for first, second in combinations(both, 2)
        ]
        agreeing = sum(ours * printed > 0 for ours, printed, _ in pairs)
        text = (
            f'Spearman rank correlation {rank} over {len(both)} rows; {agreeing} of {len(pairs)} pairs are ordered '
            'alike'
        )
        if min(len(values) for values, _ in both) < 2:
            return f'{text}. Some rows have one model only, so nothing tells an order from chance.'
        clear = [ours * printed > 0 for ours, printed, spread in pairs if abs(ours) > spread]
        return (
            f'{text}; of the {len(clear)} that differ by more than their two standard deviations together, '
            f'{sum(clear)}.'
        )


def compare(table: str, dataset: str, results: Mapping[Recipe, Sequence[dict]]) -> Comparison:
    """Put the results of finished runs beside the paper's.

    Args:
        table (str): One of ``haresreid.reproduce.paper.PAPER_TABLES``.
        dataset (str): One of ``haresreid.catalogue.RUN_DATASETS``.
        results (Mapping[Recipe, Sequence[dict]]): What :func:`read_run_results` found for each model of a recipe; one
            without models may be missing.

    Raises:
        ValueError: If there is no such table or data set, the table is not about this data set, or two models were
            tested on different images.
    """
    shown, source = rows(table, dataset), paper_table(table)
    about = [column for column in source.columns if column.split('/')[0] in (RUN_DATASETS[dataset], 'cost')]
    contents = [content for row in shown for content in results.get(row.recipe, ())]
    refuse_other_data(contents)
    evaluated = {protocol for content in contents for protocol in content['protocols']}
    columns = [column for column in about if _is_cost(column) or not contents or _protocol(column) in evaluated]
    left_out = dict.fromkeys(_protocol(column) for column in about if column not in columns)
    costs = full_size_costs(table, dataset) if any(map(_is_cost, columns)) else [{}] * len(shown)
    ours = tuple({**read_metrics(results.get(row.recipe, ()), columns), **cost} for row, cost in zip(shown, costs))
    branches = tuple(read_branches(results.get(row.recipe, ())) for row in shown)
    return Comparison(source, dataset, tuple(columns), tuple(left_out), tuple(shown), ours, branches)


def full_size_costs(table: str, dataset: str) -> list[dict[str, np.ndarray]]:
    """The cost of each row's full-size model on one image, by the paper's counting rule and by the paper's columns."""
    costs = []
    for row in rows(table, RUN_DATASETS[dataset]):
        cost = model_cost(row.recipe.load()).by_rule
        figures = {'cost/FLOPs (G)': cost.macs / 1e9, 'cost/parameters (M)': cost.params / 1e6}
        costs.append({column: np.array([figure]) for column, figure in figures.items()})
    return costs


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


def _is_cost(column: str) -> bool:
    return column.startswith('cost/')


def _protocol(column: str) -> str:
    return column.rsplit('/', 1)[0]


def _title(column: str) -> str:
    return column.removeprefix('cost/') if _is_cost(column) else ' '.join(column.rsplit('/', 1))


def _cells(ours: np.ndarray | None, paper: float | None) -> tuple[str, str, str]:
    """The cells of our value, the paper's, and the difference."""
    difference = NONE
    if ours is not None and paper is not None:
        difference = f'{round(ours.mean() - paper, 2) + 0.0:+.2f}'  # + 0.0 turns '-0.00' into '+0.00'
    return mean_and_spread(ours), NONE if paper is None else f'{paper:.2f}', difference
