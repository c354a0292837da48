"""Whether probabilities are to be believed: a page of its own, and a section in the report of a run."""

from collections.abc import Iterator

from haresreid.evaluation.calibration import (
    CalibrationFigures,
    fit_calibration,
    measure_calibration,
    split_people,
)
from haresreid.evaluation.calibration.tables import answers_rows, open_set_rows, verification_rows
from haresreid.registry import PROTOCOLS
from haresreid.visualization.calibration import draw_calibration

from .blocks import Block, Picture, Section, Table, picture_of_figure
from .page import render
from .run import Run

__all__ = ['calibration_page', 'calibration_section']


def calibration_page(figures: CalibrationFigures, fitted_on: str) -> str:
    """A page on a calibration.

    Args:
        figures (CalibrationFigures): On people unseen in fitting.
        fitted_on (str): One sentence on the people of the fit.

    Returns:
        str: HTML.
    """
    reliability, *rest = _blocks(figures)
    verification, search, answers = rest
    return render(
        'Is it the same person?',
        [
            Section('Reliability', [reliability, Table((), [('fitted on', fitted_on)])]),
            Section('Two images', [verification]),
            Section('Search', [search, answers]),
        ],
    )


def calibration_section(run: Run) -> Iterator[Block]:
    """Fit on one half of the test people, measure on the other."""
    fit, test = split_people(run.features)
    protocol = PROTOCOLS.build(run.trained[1].test_evaluator.protocols[0])
    yield from _blocks(measure_calibration(fit_calibration(fit), test, protocol))


def _blocks(figures: CalibrationFigures) -> tuple[Picture, Table, Table, Table]:
    return (
        picture_of_figure(
            draw_calibration(figures),
            alt='Reliability diagrams of pairs and of best hits, DET curves, and identification rates.',
            caption='On people unseen in fitting. A probability is right on the dotted line; below it, too much is '
            'promised. Of the pairs, every second is weighted to be of one person; of the people searched for, half '
            'are not in the gallery.',
        ),
        _table(
            verification_rows(figures),
            'Two images, another camera or modality each; percent. ECE: if every '
            'second pair is of one person. –: too few pairs to tell.',
        ),
        _table(
            open_set_rows(figures),
            'Half of the people are not in the gallery; percent. FAR: the share of their '
            'queries whose best hit is above the threshold. ECE: one image of the person is expected.',
        ),
        _table(
            answers_rows(figures),
            'Only a best hit of at least that probability is named, else "nobody" is the '
            'answer; percent. Right: of these answers; rejected and missed: of the queries of unknown and of known '
            'people; named: of all queries.',
        ),
    )


def _table(rows: list[list[str]], caption: str) -> Table:
    head, *body = rows
    return Table(head, body, caption, numeric=True)
