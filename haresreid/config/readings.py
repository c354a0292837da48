"""Detection of HAResformer checkpoints that were made with a different reading of the paper than a config's."""

import re
from collections.abc import Collection

__all__ = ['refuse_another_reading']

FINAL_NORM = re.compile(r'backbone\.transformers\.\d\.norm\.')
FUSION_NORM = re.compile(r'backbone\.fusions\.\d\.pointwise\.bn\.')
FUSION_BIAS = re.compile(r'backbone\.fusions\.\d\.pointwise\.conv\.bias')  # exists only if no norm follows


def refuse_another_reading(checkpoint: str, missing: Collection[str], unexpected: Collection[str]) -> None:
    """Name the options with which a checkpoint fits, if it differs only in the readings of release 0.1.

    These were a LayerNorm at the end of every TE and, at full size, no norm in CFFM; see "Readings" in
    ``docs/en/advanced_guides/haresformer.md``.

    Args:
        checkpoint (str): The file, for the message.
        missing (Collection[str]): Parameters of the model that the checkpoint lacks.
        unexpected (Collection[str]): Parameters of the checkpoint that the model lacks.

    Raises:
        ValueError: If the checkpoint was made with a reading of 0.1 that differs from the model's.
    """
    readings = {
        'model.backbone.stage.final_norm=True': set(filter(FINAL_NORM.match, unexpected)),
        'model.backbone.fusion.norm_cfg=None': {
            *filter(FUSION_NORM.match, missing),
            *filter(FUSION_BIAS.match, unexpected),
        },
    }
    options = [option for option, names in readings.items() if names]
    if options and set().union(*readings.values()) == {*missing, *unexpected}:
        raise ValueError(
            f'checkpoint {checkpoint} was made with another reading of the paper than this config: it '
            f'fits with {" ".join(options)}, in the config or by --cfg-options'
        )
