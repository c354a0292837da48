"""RegDB's protocol."""

from haresreid.registry import PROTOCOLS

from .cross_modal import CrossModalProtocol

__all__ = ['RegDBProtocol']


@PROTOCOLS.register_module()
class RegDBProtocol(CrossModalProtocol):
    """RegDB: all 2,060 test images of one modality against all 2,060 of the other, each query with 10 correct images.

    One split is one trial; published results are means over ten splits, each with its own model. There is no camera
    rule, and CMC counts images (not identities), as in the field's common code.

    Args:
        direction (str): 'v2i' (visible to thermal) or 'i2v'.
    """

    dataset = 'regdb'
    description = 'all test images of one split; CMC counts images'
