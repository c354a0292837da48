import pytest

from haresreid import checking, choices, synvi
from haresreid.converters import METHODS
from haresreid.costs.scaling import DTYPES
from haresreid.datasets.corruptions import CORRUPTIONS
from haresreid.datasets.visible_sets import VISIBLE_SETS
from haresreid.evaluation.protocols.by_name import _NAMED
from haresreid.evaluation.references import REFERENCES
from haresreid.evaluation.reranking import RERANKERS
from haresreid.evaluation.table_formats import FORMATS
from haresreid.evaluation.tables import METRICS
from haresreid.reproduce.plan import TABLES
from haresreid.search import KINDS
from haresreid.structures import Modality


@pytest.mark.parametrize(
    'offered, there',
    [
        (choices.CONVERTED_METHODS, METHODS),
        (choices.DTYPES, DTYPES),
        (choices.INDEX_KINDS, KINDS),
        (choices.INFRARED_CORRUPTIONS, CORRUPTIONS[Modality.INFRARED]),
        (choices.VISIBLE_CORRUPTIONS, CORRUPTIONS[Modality.VISIBLE]),
        (choices.VISIBLE_SETS, VISIBLE_SETS),
        (choices.MODALITIES, [modality.name.lower() for modality in Modality]),
        (choices.PROTOCOL_NAMES, _NAMED),
        (choices.REFERENCE_NAMES, REFERENCES),
        (choices.RERANKER_NAMES, sorted(RERANKERS)),
        (choices.DATASET_LAYOUTS, synvi.LAYOUTS),
        (choices.DATASET_LAYOUTS, checking.LAYOUTS),
        (choices.SYNVI_LEVELS, synvi.LEVELS),
        (choices.TABLE_FORMATS, FORMATS),
        (choices.TABLE_METRICS, METRICS),
        (choices.TABLE_NAMES, TABLES),
    ],
)
def test_a_command_line_offers_everything_there_is_and_nothing_else(offered, there):
    assert offered == tuple(there)
