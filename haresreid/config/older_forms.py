"""Configs that runs of earlier versions left behind, in today's form."""

from collections.abc import MutableMapping

__all__ = ['translate']

RAMP = 'haresreid.models.Ramp'
HOOKS = {
    'ChunkedBatchHook': 'GradCacheHook',
    'VitalsHook': 'ThroughputHook',
    'WholeCheckpointHook': 'AtomicCheckpointHook',
}
FUSED_WIDTH = {'2d': 2, 'd': 1}


def translate(cfg: MutableMapping) -> None:
    """Bring the config of a run of release 0.1 into today's form; one of today stays as it is.

    Then the head owned the losses, and a hook moved their weights: ``model.head.losses`` becomes
    ``model.criterion.losses``, and what ``LossRampHook`` did to a weight stands where the weight stands. Reading a
    config checks the number of classes, as ``ClassCountHook`` did. The hooks of ``HOOKS`` had other names, and
    ``fused_width`` was the text ``cffm_out``.

    Args:
        cfg (MutableMapping): A config, or its content. It is changed.
    """
    ramps = _translate_hooks(cfg)
    model = cfg.get('model')
    if not isinstance(model, dict):
        return
    backbone, head = model.get('backbone'), model.get('head')
    if isinstance(backbone, dict) and 'cffm_out' in backbone:
        backbone['fused_width'] = FUSED_WIDTH[backbone.pop('cffm_out')]
    if isinstance(head, dict) and 'losses' in head:
        losses = head.pop('losses') or {}
        _translate_ramps(losses, ramps)
        model['criterion'] = dict(type='haresreid.models.Criterion', losses=losses)


def _translate_hooks(cfg: MutableMapping) -> list[dict]:
    """Rename hooks, and take out those that are gone. Returns those that moved weights."""
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
