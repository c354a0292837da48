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

from .baselines import BASELINE_DATASETS
from .branches import SPREADS, read_branches
from .figures import NONE, mean_and_spread, means, models_per_row, read_metrics, refuse_other_data
from .methods import table_rows
from .paper import PaperTable, Recipe, TableRow, original_of, paper_table, rows

__all__ = ['Comparison', 'compare', 'full_size_costs']

BRANCH_CAPTION = (
    'Spread: standard deviation between all test images over the size, in the stage where it is least; 0 is '
    'the same output for every image. Held: class tokens and patch maps of all stages at their means.'
)
EQUAL_IMAGES = (
    'All are trained alike, from the same start weights and on the same number of images (`..._synth`); second views '
    'and made modalities come on top.'
)
OWN_RECIPES = (
    'Other methods have recipes of their own (`..._paper`). Ours are of the last epoch; most published figures are of '
    'the epoch that was best on the test set.'
)
AS_DESCRIBED = 'As described: no released code was found, and ours is a reading of the paper or of its abstract.'
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
    'remark',
)


@dataclass(frozen=True)
class Comparison:
    """One table of the paper with our results, metrics in percent.

    Attributes:
        source: The paper's table.
        dataset: One of ``haresreid.catalogue.RUN_DATASETS``.
        columns: ``'<protocol>/<metric>'``: the paper's columns on this data set, without the protocols left out. If the
            paper's figures are of another layout than ours, ours have columns of their own.
        left_out: Protocols of the paper that our runs do not evaluate.
        rows: The paper's rows; if asked for, the methods that it leaves out follow.
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
        grid = self._among_methods() if self.source.of_methods else self._side_by_side()
        return '\n'.join(
            [
                f'## {self.source.name} on {self.dataset}: {self.source.title}',
                '',
                markdown_table(grid, labels=1),
                '',
                self._caption(),
                *self._not_run(),
                *self._trends(),
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
                comparable = mean is not None and paper is not None and self._subtracts
                difference = mean - paper if comparable else None
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
                        row.remark,
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
                        row.remark,
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
            grid.append([row.numbered, *(cell for triple in cells for cell in triple)])
        return grid

    def _among_methods(self) -> list[list[str]]:
        grid = [['method', *map(_title, self.columns)]]
        for row, ours in zip(self.rows, self.ours):
            mean, paper, difference = zip(*(_cells(ours.get(column), row.paper.get(column)) for column in self.columns))
            if row.paper:
                grid.append([f'{row.label} ({self._origin("paper")})', *paper])
            remark = f', {row.remark}' if row.remark else ''
            grid.append([f'{row.label} ({self._origin("ours")}{remark})', *mean])
            if row.paper and row.recipe and self._subtracts:
                grid.append(['ours minus paper', *difference])
        return grid

    @property
    def _drawn(self) -> bool:
        """Whether ours are of drawn images, so that they and the paper's are of different data sets."""
        return self.dataset.startswith('synth')

    @property
    def _subtracts(self) -> bool:
        """Whether the differences from the paper are shown: among methods only on the paper's own data set."""
        return not (self._drawn and self.source.of_methods)

    def _origin(self, whose: str) -> str:
        """'paper' or 'ours', with the data set if there are two."""
        if not self._drawn:
            return whose
        return f'{whose}, {"SynVI" if whose == "ours" else self._real}'

    @property
    def _real(self) -> str:
        """The name of the data set of the paper's figures."""
        return CATALOGUE[original_of(self.source, self.dataset)].title

    def _not_run(self) -> list[str]:
        lines = [f'- {row.label}, {row.remark}: {row.reason}.' for row in self.rows if row.reason]
        return ['', 'Not trained here:', '', *lines] if lines else []

    def _caption(self) -> str:
        counts = [
            max((len(values) for column, values in ours.items() if not _is_cost(column)), default=0)
            for row, ours in zip(self.rows, self.ours)
            if row.recipe
        ]
        sentences = [
            f'Percent. Ours: {models_per_row(counts)}, {NONE} where none is finished. '
            f"Paper: the figures that HAResformer's paper prints for {self._real}, {NONE} where it prints none."
        ]
        if self._drawn:
            sentences.append(
                "Ours are narrow models on SynVI's drawn images: not comparable with the paper's figures "
                f'for {self._real}, only the order of the rows is.'
            )
        if self.source.of_methods and self.dataset in BASELINE_DATASETS:
            sentences.append(EQUAL_IMAGES if self._drawn else OWN_RECIPES)
        if any(row.remark == 'as described' for row in self.rows):
            sentences.append(AS_DESCRIBED)
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
            if figures or not self.source.of_methods:  # most methods have no transformers
                cells = [mean_and_spread(figures.get(column), 3 if column in SPREADS else 2) for column in columns]
                grid.append([row.numbered, *cells])
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


def compare(
    table: str, dataset: str, results: Mapping[Recipe, Sequence[dict]], all_methods: bool = False
) -> Comparison:
    """Put the results of finished runs beside the paper's.

    Args:
        table (str): One of ``haresreid.reproduce.paper.PAPER_TABLES``.
        dataset (str): One of ``haresreid.catalogue.RUN_DATASETS``.
        results (Mapping[Recipe, Sequence[dict]]): What :func:`read_run_results` found for each model of a recipe; one
            without models may be missing.
        all_methods (bool): Whether a table of methods also gets the baselines that the paper leaves out.

    Raises:
        ValueError: If there is no such table or data set, the table is not about this data set, or two models were
            tested on different images.
    """
    shown, source = table_rows(table, dataset, all_methods), paper_table(table)
    original = original_of(source, dataset)
    about = [column for column in source.columns if column.split('/')[0] in (original, 'cost')]
    contents = [content for row in shown for content in results.get(row.recipe, ())]
    refuse_other_data(contents)
    evaluated = dict.fromkeys(protocol for content in contents for protocol in content['protocols'])
    if original == RUN_DATASETS[dataset]:
        columns = [column for column in about if _is_cost(column) or not contents or _protocol(column) in evaluated]
    else:
        metrics = dict.fromkeys(column.rsplit('/', 1)[1] for column in about)
        columns = [*about, *(f'{protocol}/{metric}' for protocol in evaluated for metric in metrics)]
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
