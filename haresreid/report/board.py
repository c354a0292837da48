"""A page about many results: a table per protocol and test data, never two of them in one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from haresreid.evaluation.evaluate import METRIC_NAMES
from haresreid.evaluation.results import read_results
from haresreid.evaluation.seal import SEAL, is_sealed
from haresreid.visualization import draw_cmc_curves

from .blocks import Block, NotShown, Section, Table, picture_of_figure
from .page import render

__all__ = ['board_page', 'read_cards']

SORT = Path(__file__).with_name('sort.js')
NONE = '–'


def read_cards(folder: Path) -> tuple[dict[str, dict], dict[str, str]]:
    """The results below a folder, by their paths, and why others were left out.

    Args:
        folder (Path): Any folder; each ``.json`` below it that is a sealed result of haresreid is a card.

    Returns:
        tuple: Path below the folder -> content, and path -> reason. JSON files of other kinds are in neither.

    Raises:
        FileNotFoundError: If there is no such folder, or no result in it.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f'There is no folder {folder} of results.')
    cards, refused = {}, {}
    for file in sorted(folder.rglob('*.json')):
        name = file.relative_to(folder).as_posix()
        try:
            content = read_results(file)
        except ValueError:
            if file.name == 'metrics.json':
                refused[name] = 'it is damaged, or of other software'
            continue
        if SEAL not in content:
            refused[name] = 'it has no seal: it is of an earlier release'
        elif not is_sealed(content):
            refused[name] = 'its seal is broken: it was changed after the evaluation'
        else:
            cards[name.removesuffix('/metrics.json').removesuffix('.json')] = content
    if not cards and not refused:
        raise FileNotFoundError(f'{folder} holds no result: give a folder with a metrics.json somewhere below it.')
    return cards, refused


def board_page(cards: Mapping[str, dict], refused: Mapping[str, str]) -> str:
    """Lay the cards out as a page whose tables a click sorts.

    Args:
        cards (Mapping[str, dict]): Of :func:`read_cards`.
        refused (Mapping[str, str]): Likewise.

    Returns:
        str: HTML, with one script of a few lines, which sorts.
    """
    groups: dict[tuple, dict[str, dict]] = defaultdict(dict)
    for name, content in cards.items():
        for protocol, rows in content['protocols'].items():
            groups[_rule(content, protocol, rows)][name] = content
    sections = [
        Section(f'{protocol} on {dataset} {fingerprint[:12]}, {trials}', list(_blocks(protocol, members)))
        for (protocol, dataset, fingerprint, _, trials), members in sorted(
            groups.items(), key=lambda item: str(item[0])
        )
    ]
    if refused:
        left_out = [NotShown(f'{name}, for {reason}.') for name, reason in refused.items()]
        sections.append(Section('Left out', left_out))
    return render('Results', sections, script=SORT.read_text(encoding='utf-8'))


def _rule(content: dict, protocol: str, rows: dict) -> tuple:
    """What results in one table share."""
    result, data = next(iter(rows.values())), content['data']
    return (
        protocol,
        data.get('dataset', 'data'),
        data['fingerprint'],
        result.get('description'),
        _trials(result['trials']),
    )


def _trials(numbers: Sequence[int]) -> str:
    """Name the trials, in few words where they are consecutive: 'trials 0 to 9'."""
    if len(numbers) == 1:
        return f'trial {numbers[0]}'
    if list(numbers) == list(range(numbers[0], numbers[0] + len(numbers))):
        return f'trials {numbers[0]} to {numbers[-1]}'
    return f'trials {", ".join(map(str, numbers))}'


def _blocks(protocol: str, cards: Mapping[str, dict]) -> Iterator[Block]:
    first = next(iter(cards.values()))['protocols'][protocol]
    result = next(iter(first.values()))
    number = len(result['trials'])
    spread = f', mean ± standard deviation over {number} trials' if number > 1 else ''
    lines = [
        (
            name,
            row.removeprefix('ours').removeprefix(' + ') or NONE,
            *(_figure(figures, metric) for metric in METRIC_NAMES),
            content.get('feature', NONE) + (' + flip' if content.get('flip') else ''),
            content.get('config', {}).get('name') or NONE,
            str(content.get('seed', NONE)),
            content.get('checkpoint', {}).get('sha256', NONE),
            content.get('software', {}).get('haresreid', NONE),
            content[SEAL][:12],
        )
        for name, content in cards.items()
        for row, figures in content['protocols'][protocol].items()
        if row.startswith('ours')
    ]
    yield Table(
        ('result', 're-ranked', *METRIC_NAMES, 'feature', 'config', 'seed', 'checkpoint', 'haresreid', 'seal'),
        lines,
        f'{result.get("description", "")}. Percent{spread}. A click on a head sorts.',
        numeric=True,
    )
    yield picture_of_figure(
        draw_cmc_curves(cards, protocol),
        alt=f'Matching rate of {protocol} against rank, a curve for each result.',
        caption='The share of queries with a match among the first k.',
    )


def _figure(figures: dict, metric: str) -> str:
    mean = f'{100 * figures["mean"][metric]:.2f}'
    return mean + (f' ± {100 * figures["std"][metric]:.2f}' if len(figures['trials']) > 1 else '')
