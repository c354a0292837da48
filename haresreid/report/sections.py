"""The sections of a report. Each consists of parts that fail independently."""

import os
import traceback
from collections.abc import Callable, Iterator

from mmengine.registry import init_default_scope

from .blocks import Block, NotShown, Section, why
from .branches import branch_curves, branch_figures
from .calibration import calibration_section
from .facts import config_table, cost_table, machine_table, metric_tables, overview_table, software_table
from .pictures import cams, cmc_curves, cost_chart, hardest_queries, random_queries, similarity, training_curves, tsne
from .run import Run

__all__ = ['SECTIONS', 'make_section']

# Title -> parts, each of which gives blocks or raises.
SECTIONS: dict[str, tuple[Callable[[Run], Iterator[Block]], ...]] = {
    'Overview': (overview_table,),
    'Config': (config_table,),
    'Training curves': (training_curves,),
    'Metrics': (metric_tables, cmc_curves),
    'Ranked lists': (random_queries, hardest_queries),
    'Grad-CAM': (cams,),
    'Similarity distributions': (similarity,),
    'Is it the same person?': (calibration_section,),
    't-SNE': (tsne,),
    'Branches': (branch_curves, branch_figures),
    'Cost': (cost_table, cost_chart),
    'Environment': (software_table, machine_table),
}


def make_section(title: str, run: Run) -> Section:
    """Make one of ``SECTIONS``. If a part cannot be made, the section says why.

    ``HARESREID_TRACEBACK=1`` in the environment also prints the traceback.

    Args:
        title (str): A key of ``SECTIONS``.
        run (Run): The run.
    """
    init_default_scope('haresreid')
    blocks = []
    for part in SECTIONS[title]:
        try:
            blocks += part(run)
        except Exception as error:  # no error may cost the other sections
            if os.environ.get('HARESREID_TRACEBACK'):
                traceback.print_exc()
            if NotShown(why(error)) not in blocks:  # parts that fail for the same reason say so once
                blocks.append(NotShown(why(error)))
    return Section(title, blocks)
