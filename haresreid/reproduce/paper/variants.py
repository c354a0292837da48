"""The changes to HAResformer behind the rows of the paper's Tables II to V and the points of its Figure 6."""

import copy

from haresreid.reproduce.nearest import nearest

__all__ = ['VARIANTS', 'variant_overrides']

LOSSES = 'model.criterion.losses'
STAGES = f'{LOSSES}.aux.feature'  # the stages under auxiliary supervision
LAMBDA_3 = f'{LOSSES}.aux.weight'
# Tables II and III, and the first rows of Table IV
NEITHER_ADD_NOR_HGAE = {'model.head.add': False, 'model.head.hgae': False}
NO_AL = {**NEITHER_ADD_NOR_HGAE, f'{LOSSES}.aux': None}
# changes to the whole model on any data set; None removes a loss
VARIANTS = {
    'id': {**NO_AL, f'{LOSSES}.hc_tri': None, f'{LOSSES}.mmd': None},
    'id_hc': {**NO_AL, f'{LOSSES}.mmd': None},
    'id_hc_mmd': NO_AL,
    'b': {**NO_AL, 'model.backbone.fusion': {'_delete_': True, 'type': 'haresreid.models.ConcatFusion'}},
    'aux_s1': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_1']},
    'aux_s2': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_2']},
    'aux_s3': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_3']},
    'aux_s4': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_4']},
    'aux_s14': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_1', 'cls_4']},
    'aux_s24': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_2', 'cls_4']},
    'aux_s34': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_3', 'cls_4']},
    'aux_s124': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_1', 'cls_2', 'cls_4']},
    'aux_s134': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_1', 'cls_3', 'cls_4']},
    'aux_s234': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_2', 'cls_3', 'cls_4']},
    'aux_s1234': {**NEITHER_ADD_NOR_HGAE, STAGES: ['cls_1', 'cls_2', 'cls_3', 'cls_4']},
    # DSA supervises stage 4 on SYSU-MM01, stages 3 and 4 on RegDB
    'dsa_s4_add': {'model.head.hgae': False, STAGES: ['cls_4']},
    'dsa_s34_add': {'model.head.hgae': False, STAGES: ['cls_3', 'cls_4']},
    'dsa_hgae': {'model.head.add': False},
    'h1_l2': {'model.backbone.stage.num_layers': 2},
    'h2_l1': {'model.backbone.stage.num_heads': 2},
    'lambda_025': {LAMBDA_3: 0.25},
    'lambda_050': {LAMBDA_3: 0.5},
    'lambda_075': {LAMBDA_3: 0.75},
    'lambda_100': {LAMBDA_3: 1.0},
    'lambda_125': {LAMBDA_3: 1.25},
    'lambda_150': {LAMBDA_3: 1.5},
    'lambda_175': {LAMBDA_3: 1.75},
    'lambda_200': {LAMBDA_3: 2.0},
}


def variant_overrides(name: str | None) -> dict:
    """The overrides of a variant, for :func:`haresreid.config.config.load_config`; none for None.

    Raises:
        ValueError: If there is no such variant; the message names the nearest.

    Examples:
        >>> variant_overrides('dsa_hgae')
        {'variant': 'dsa_hgae', 'model.head.add': False}
    """
    if name is None:
        return {}
    return {'variant': name, **copy.deepcopy(VARIANTS[nearest('variant', name, VARIANTS)])}
