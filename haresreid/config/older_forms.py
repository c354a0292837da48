"""Translation of configs that runs of earlier versions have left."""

import re
from collections.abc import MutableMapping

__all__ = ['explain_losses', 'translate']

RAMP = 'haresreid.models.Ramp'
MOVES_WEIGHTS = 'haresreid.engine.LossWeightHook'
HOOKS = {
    'ChunkedBatchHook': 'GradCacheHook',
    'VitalsHook': 'ThroughputHook',
    'WholeCheckpointHook': 'AtomicCheckpointHook',
}
FUSED_WIDTH = {'2d': 2, 'd': 1}
INSTEAD = (
    'change model.criterion.losses instead, where a weight may be a schedule, '
    'weight=dict(type=Ramp, to=2.0, begin=0.6, end=0.8)'
)
STAGE = 'haresreid.models.TransformerEncoderStage'
OF_THE_STAGE = ('num_heads', 'num_layers', 'init_std')


def translate(cfg: MutableMapping) -> None:
    """Translate the config of a run of release 0.1 into today's form; a current config is not changed.

    In release 0.1 the head owned the losses, and a hook changed their weights. ``model.head.losses`` becomes
    ``model.criterion.losses``, and a schedule of ``LossRampHook`` takes the place of the weight;
    ``LossWeightHook`` follows it. ``ClassCountHook`` is dropped, because reading a config now checks the number of
    classes. The hooks of ``HOOKS`` get their new names, and the text ``cffm_out`` becomes ``fused_width``. The keys of
    ``OF_THE_STAGE`` move from the backbone into ``stage``, which had no ``type``.

    Args:
        cfg (MutableMapping): A config, or its content. It is changed in place.

    Raises:
        ValueError: If the config mixes both forms, as a user's old config may that inherits a current one.
    """
    ramps = _translate_hooks(cfg)
    model = cfg.get('model')
    if not isinstance(model, dict):
        return
    backbone, head = model.get('backbone'), model.get('head')
    head = head if isinstance(head, dict) else {}
    if isinstance(backbone, dict) and str(backbone.get('type')).endswith('HierarchicalFeatureExtractor'):
        _translate_backbone(backbone)
    owns_losses = 'losses' in head
    if model.get('criterion') and (owns_losses or ramps):
        old = 'model.head.losses' if owns_losses else 'a LossRampHook'
        raise ValueError(f'{old} stands beside model.criterion: {INSTEAD}')
    if owns_losses:
        losses = head.pop('losses') or {}
        _translate_ramps(losses, ramps)
        model['criterion'] = dict(type='haresreid.models.Criterion', losses=losses)


def explain_losses(error: Exception) -> str:
    """What to write instead of ``model.head.losses``, if a config failed because a config of today has none; else ''.

    Args:
        error (Exception): From reading the config.
    """
    if isinstance(error, (AttributeError, KeyError)) and re.search(r"'losses'$", str(error)):
        return f'changes model.head.losses, which the config that it inherits does not have: {INSTEAD}'
    return ''


def _translate_backbone(backbone: MutableMapping) -> None:
    if backbone.get('cffm_out') in FUSED_WIDTH:
        backbone['fused_width'] = FUSED_WIDTH[backbone.pop('cffm_out')]
    moved = {key: backbone.pop(key) for key in OF_THE_STAGE if key in backbone}
    if moved or 'stage' in backbone:
        stage = backbone.pop('stage', {})
        stage.setdefault('type', STAGE)
        stage.update(moved)
        backbone['stage'] = stage


def _translate_hooks(cfg: MutableMapping) -> list[dict]:
    """Rename hooks, remove those that no longer exist, and return those that changed weights."""
    hooks = [hook for hook in cfg.get('custom_hooks') or () if not str(hook.get('type')).endswith('ClassCountHook')]
    ramps = [hook for hook in hooks if str(hook.get('type')).endswith('LossRampHook')]
    if 'custom_hooks' in cfg:
        cfg['custom_hooks'] = [hook for hook in hooks if hook not in ramps]
    default = cfg.get('default_hooks') or {}
    if 'vitals' in default:
        default['throughput'] = default.pop('vitals')
    for hook in (*hooks, *default.values()):
        name = str(hook and hook.get('type')).rpartition('.')[2]
        if name in HOOKS:
            hook['type'] = f'haresreid.engine.{HOOKS[name]}'
    if ramps:
        cfg['default_hooks'] = {'loss_weights': dict(type=MOVES_WEIGHTS), **default}
    return ramps


def _translate_ramps(losses: MutableMapping, ramps: list[dict]) -> None:
    for name, ramp in (entry for hook in ramps for entry in hook['ramps'].items()):
        weight = losses[name].get('weight', 1.0)
        losses[name]['weight'] = dict(
            type=RAMP,
            begin=ramp['begin'],
            end=ramp['end'],
            start=weight * ramp['start_factor'],
            to=weight * ramp['end_factor'],
        )
