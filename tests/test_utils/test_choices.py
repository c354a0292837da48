from haresreid.evaluation.protocols import _NAMED
from haresreid.evaluation.references import REFERENCES
from haresreid.evaluation.reranking import RERANKERS
from haresreid.utils.choices import PROTOCOL_NAMES, REFERENCE_NAMES, RERANKER_NAMES


def test_a_command_line_offers_everything_there_is_and_nothing_else():
    assert PROTOCOL_NAMES == tuple(_NAMED)
    assert set(REFERENCE_NAMES) == set(REFERENCES)
    assert set(RERANKER_NAMES) == set(RERANKERS)
