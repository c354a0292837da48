"""Configs that runs of earlier versions left behind, in today's form."""

from collections.abc import MutableMapping

__all__ = ['translate']

RAMP = 'haresreid.models.Ramp'


def translate(cfg: MutableMapping) -> None:
    """Bring the config of a run of release 0.1 into today's form; one of today stays as it is.

    Then the head owned the losses, and a hook moved their weights: ``model.head.losses`` becomes
    ``model.criterion.losses``, and what ``LossRampHook`` did to a weight stands where the weight stands. Reading a
    config checks the number of classes, as ``ClassCountHook`` did.

    Args:
        cfg (MutableMapping): A config, or its content. It is changed.
    """
    hooks = [hook for hook in cfg.get('custom_hooks') or () if not str(hook.get('type')).endswith('ClassCountHook')]
    ramps = [hook for hook in hooks if str(hook.get('type')).endswith('LossRampHook')]
    if 'custom_hooks' in cfg:
        cfg['custom_hooks'] = [hook for hook in hooks if hook not in ramps]
    model = cfg.get('model')
    head = model.get('head') if isinstance(model, dict) else None
    if not isinstance(head, dict) or 'losses' not in head:
        return
    losses = head.pop('losses') or {}
    for name, ramp in (entry for hook in ramps for entry in hook['ramps'].items()):
        weight = losses[name].get('weight', 1.0)
        losses[name]['weight'] = dict(
            type=RAMP,
            begin=ramp['begin'],
            end=ramp['end'],
            start=weight * ramp['start_factor'],
            to=weight * ramp['end_factor'],
        )
    model['criterion'] = dict(type='haresreid.models.Criterion', losses=losses)
