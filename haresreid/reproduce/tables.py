"""The tables of finished runs, printed and written."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from haresreid.files.files import written_whole
from haresreid.visualization import LambdaPoint, draw_lambda_curves

from .baselines import compare_baselines
from .branches import read_run_results
from .comparison import Comparison, compare
from .paper import Recipe
from .runs import Run, run_state

__all__ = ['lambda_points', 'write_tables']


def write_tables(
    tables: Iterable[str],
    dataset: str,
    runs: Sequence[Run],
    work_dir: Path,
    overrides: dict | None = None,
    all_methods: bool = False,
) -> None:
    """Print every table, and write it as Markdown and CSV; Figure 6 also as a picture.

    Args:
        tables (Iterable[str]): Names from :data:`haresreid.reproduce.plan.TABLES`.
        dataset (str): One of :data:`haresreid.catalogue.RUN_DATASETS`.
        runs (Sequence[Run]): The runs behind them; a row of unfinished runs has no values.
        work_dir (Path): Where the files are written.
        overrides (dict, optional): What the runs changed in their configs.
        all_methods (bool): Whether the tables of methods also get the baselines that the paper leaves out.
    """
    results: dict[Recipe, list[dict]] = {}
    for run in runs:
        if run_state(run).finished:
            results.setdefault(run.recipe, []).append(read_run_results(run))
    for table in dict.fromkeys(tables):
        comparison = (
            compare_baselines(dataset, results, overrides)
            if table == 'baselines'
            else compare(table, dataset, results, all_methods)
        )
        file = work_dir / f'{dataset}_{table}'
        for suffix, text in (('.md', comparison.markdown() + '\n'), ('.csv', comparison.csv())):
            with written_whole(file.with_suffix(suffix)) as part:
                part.write_text(text, encoding='utf-8')
        points = lambda_points(comparison) if table == 'fig6' else []
        if points:
            draw_lambda_curves(points, file)
        print(f'\n{comparison.markdown()}\n\nWritten: {file}.md, .csv{", .png, .svg" if points else ""}')


def lambda_points(comparison: Comparison) -> list[LambdaPoint]:
    """Figure 6: a point for each of our models, and the paper's where both are on the same images."""
    protocols = dict.fromkeys(column.rsplit('/', 1)[0] for column in comparison.columns)
    points = []
    for row, ours in zip(comparison.rows, comparison.ours):
        for protocol in protocols:
            columns = [f'{protocol}/{metric}' for metric in ('R1', 'mAP')]
            if columns[0] in ours:
                points += [
                    LambdaPoint(protocol, 'ours', float(row.label), *figures)
                    for figures in zip(*(ours[column] for column in columns))
                ]
            if columns[0] in row.paper and not comparison.dataset.startswith('synth'):
                points.append(
                    LambdaPoint(protocol, 'paper', float(row.label), *(row.paper[column] for column in columns))
                )
    return points
