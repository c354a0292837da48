"""One table from several result files, for a paper or a page; results that cannot be compared are refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .llcm_swap import swapped_llcm_warning
from .results import read_results
from .significance import adjusted_p_values, read_result_queries

__all__ = ['METRICS', 'ResultTable', 'make_table']

METRICS = ('R1', 'R10', 'R20', 'mAP', 'mINP')


@dataclass
class ResultTable:
    """Metrics in percent: a line per result and row, a group of columns per protocol.

    Attributes:
        label_heads (list[str]): Heads of the columns before the metrics: the name and, if it differs between the lines,
            the feature.
        protocols (list[str]): The groups of columns.
        metrics (list[str]): The columns of each group.
        lines (list[tuple]): Labels, one per head, and a dict (protocol, metric) -> (mean, standard deviation). The
            standard deviation is None if there was one trial.
        caption (str): What was computed, and on which data.
        warning (str, optional): What makes the metrics doubtful; it follows the caption.
        p_values (list[dict]): For each line (protocol, metric) -> p of the difference from the line that the table was
            asked to compare with; empty without such a line.
    """

    label_heads: list[str]
    protocols: list[str]
    metrics: list[str]
    lines: list[tuple[list[str], dict]]
    caption: str
    warning: str | None = None
    p_values: list[dict] = field(default_factory=list)

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Protocol and metric of each column."""
        return [(protocol, metric) for protocol in self.protocols for metric in self.metrics]


def make_table(
    files: Sequence[str | Path],
    names: Sequence[str] | None = None,
    protocols: Sequence[str] | None = None,
    metrics: Sequence[str] = METRICS,
    rows: Sequence[str] | None = None,
    against: str | None = None,
) -> ResultTable:
    """Read result files and put their metrics into one table.

    Args:
        files (Sequence[str | Path]): Files of :func:`write_results`.
        names (Sequence[str], optional): A name for each file. Defaults to its path.
        protocols (Sequence[str], optional): Groups of columns. Defaults to all that the files hold.
        metrics (Sequence[str]): Columns of each group.
        rows (Sequence[str], optional): Rows of the results. Defaults to 'ours' and its re-ranked variants. A reference
            row ('chance', 'hog') that is the same in all files appears once.
        against (str, optional): The name of the line that the others are compared with, by the scores of their queries.
            Defaults to none.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If two results are of different protocols or different test data, or if something requested does
            not exist.
    """
    files = [str(file) for file in files]
    names = list(names or files)
    if len(names) != len(files):
        raise ValueError(f'{len(names)} names are given for {len(files)} result files: {", ".join(names)}.')
    for given in (files, names):
        if len(set(given)) != len(given):
            raise ValueError(f'a table shows each result once, under a name of its own; got {", ".join(given)}.')
    contents = {file: read_results(file) for file in files}
    protocols = _choose('protocol', protocols, [content['protocols'] for content in contents.values()])
    _refuse_other_protocols(contents, protocols)
    _refuse_other_data(contents)

    results = [
        {protocol: content['protocols'].get(protocol, {}) for protocol in protocols} for content in contents.values()
    ]
    there = [rows_there for result in results for rows_there in result.values()]
    rows = _choose('row', rows, there) if rows else [row for row in _choose('row', None, there) if _is_ours(row)]
    lines: dict[str, tuple[str, dict]] = {}
    figures: dict[str, dict[str, float]] = {}
    origins: dict[str, tuple[str, str]] = {}  # of our lines: file and row
    for name, (file, content), result in zip(names, contents.items(), results):
        for row in rows:
            cells = {
                (protocol, metric): _cell(result[protocol][row], metric)
                for protocol in protocols
                if row in result[protocol]
                for metric in metrics
            }
            feature = _feature(content) if _is_ours(row) else ''
            label = name + row.removeprefix('ours') if _is_ours(row) else row
            if label in lines and lines[label][1] != cells:
                label += f' ({name})'
            if cells:
                lines[label] = feature, cells
                figures[label] = _means(result, row)
                if _is_ours(row):
                    origins[label] = file, row
    features = {feature for feature, _ in lines.values()} - {''}
    shown = len(features) > 1
    p_values = _p_values(origins, contents, protocols, metrics, against) if against else {}
    return ResultTable(
        label_heads=['name', 'feature'] if shown else ['name'],
        protocols=protocols,
        metrics=list(metrics),
        lines=[([label, feature] if shown else [label], cells) for label, (feature, cells) in lines.items()],
        caption=_caption(list(contents.values()), protocols, features)
        + (
            f' ≈: R1, mAP or mINP of {against} differs by no more than chance (permutation test over identities, '
            "Holm's correction, 5 %)."
            if against
            else ''
        ),
        warning=swapped_llcm_warning(figures),
        p_values=[p_values.get(label, {}) for label in lines] if against else [],
    )


def _p_values(
    origins: dict[str, tuple[str, str]],
    contents: dict[str, dict],
    protocols: Sequence[str],
    metrics: Sequence[str],
    against: str,
) -> dict[str, dict]:
    if against not in origins:
        raise ValueError(f'no line {against!r} to compare with; the lines are {", ".join(origins)}.')
    results = {
        label: {
            protocol: read_result_queries(Path(file), protocol, row)
            for protocol in protocols
            if row in contents[file]['protocols'].get(protocol, {})
        }
        for label, (file, row) in origins.items()
    }
    return adjusted_p_values(results, against, metrics)


def _is_ours(row: str) -> bool:
    return row == 'ours' or row.startswith('ours + ')


def _choose(kind: str, asked: Sequence[str] | None, collections: Sequence) -> list[str]:
    there = list(dict.fromkeys(item for collection in collections for item in collection))
    for name in asked or ():
        if name not in there:
            raise ValueError(f'no {kind} {name!r} in these results; they hold {", ".join(there)}.')
    return list(asked or there)


def _rule(content: dict, protocol: str) -> tuple:
    """What two results must share to be comparable: their protocol, except its direction or mode."""
    dataset, variant = re.fullmatch(r'(\w*)/?\w*(.*)', protocol).groups()  # sysu/all-10shot: sysu, -10shot
    return dataset, variant, content['data'].get('split'), _trials(content, protocol)


def _trials(content: dict, protocol: str) -> list[int]:
    return next(iter(content['protocols'][protocol].values()))['trials']


def _title(content: dict, protocol: str) -> str:
    trials, data = _trials(content, protocol), content['data']
    if 'splits' in data:
        return f'{protocol}, mean over the splits {_enumerate(trials)}'
    return f'{protocol}, split {data["split"]} alone' if 'split' in data else protocol


def _enumerate(numbers: Sequence[int]) -> str:
    consecutive = list(numbers) == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 2
    return f'{numbers[0]} to {numbers[-1]}' if consecutive else ', '.join(map(str, numbers))


def _refuse_other_protocols(contents: dict[str, dict], protocols: Sequence[str]) -> None:
    there = [
        (file, protocol)
        for file, content in contents.items()
        for protocol in protocols
        if protocol in content['protocols']
    ]
    first, ours = there[0]
    for file, protocol in there:
        if _rule(contents[file], protocol) != _rule(contents[first], ours):
            raise ValueError(
                f'{first} has figures of {_title(contents[first], ours)}, and {file} of '
                f'{_title(contents[file], protocol)}: different protocols do not stand in one table. '
                'Choose the protocols of one with --protocols, or leave a file out.'
            )
    for file in contents:
        if file not in dict(there):
            raise ValueError(f'{file} has no figures of {", ".join(protocols)}; leave it out.')


def _refuse_other_data(contents: dict[str, dict]) -> None:
    (first, ours), *others = ((file, content['data']['fingerprint']) for file, content in contents.items())
    for file, theirs in others:
        if theirs != ours:
            raise ValueError(
                f'{first} and {file} are of different test data (fingerprints {ours[:12]} and '
                f'{theirs[:12]}), and figures on different images cannot be compared: evaluate both on '
                'the same files.'
            )


def _cell(result: dict, metric: str) -> tuple[float, float | None]:
    return 100 * result['mean'][metric], 100 * result['std'][metric] if len(result['trials']) > 1 else None


def _means(result: dict, row: str) -> dict[str, float]:
    """A row's means in percent by protocol and metric, including those that the table does not show."""
    means = {protocol: rows[row]['mean'] for protocol, rows in result.items() if row in rows}
    return {f'{protocol}/{metric}': 100 * mean for protocol, named in means.items() for metric, mean in named.items()}


def _feature(content: dict) -> str:
    return content.get('feature', 'not recorded') + (' + flip' if content.get('flip') else '')


def _caption(contents: list[dict], protocols: Sequence[str], features: set[str]) -> str:
    holders = [next(content for content in contents if protocol in content['protocols']) for protocol in protocols]
    trials, data = _trials(holders[0], protocols[0]), contents[0]['data']
    over = f'the splits {_enumerate(trials)}, one model each' if 'splits' in data else f'{len(trials)} trials'
    sentences = [f'Percent, mean ± standard deviation over {over}.' if len(trials) > 1 else 'Percent.']
    for content, protocol in zip(holders, protocols):
        result = next(iter(content['protocols'][protocol].values()))
        sentences.append(f'{protocol}: {result.get("description", "not described")}.')
    if len(features) == 1:
        sentences.append(f'Feature: {next(iter(features))}.')
    name = data.get('dataset', 'not recorded') + (f', split {data["split"]}' if 'split' in data else '')
    sentences.append(f'Test data: {name}, fingerprint {data["fingerprint"][:12]}.')
    return ' '.join(sentences)
