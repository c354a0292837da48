"""The project's registries: children of MMEngine's, so its Runner finds every haresreid component by name.

``locations`` lists the modules imported before the first lookup: with ``default_scope = 'haresreid'`` nothing has to be
imported by hand.
"""

from mmengine.registry import DATA_SAMPLERS as MMENGINE_DATA_SAMPLERS
from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import FUNCTIONS as MMENGINE_FUNCTIONS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import LOOPS, MODEL_WRAPPERS, OPTIMIZERS, VISBACKENDS, WEIGHT_INITIALIZERS, Registry
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS as MMENGINE_OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.registry import OPTIM_WRAPPERS as MMENGINE_OPTIM_WRAPPERS
from mmengine.registry import PARAM_SCHEDULERS as MMENGINE_PARAM_SCHEDULERS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import VISUALIZERS as MMENGINE_VISUALIZERS

__all__ = [
    'DATASETS',
    'DATA_SAMPLERS',
    'FUNCTIONS',
    'HOOKS',
    'METRICS',
    'MODELS',
    'OPTIM_WRAPPERS',
    'OPTIM_WRAPPER_CONSTRUCTORS',
    'PARAM_SCHEDULERS',
    'PROTOCOLS',
    'TRANSFORMS',
    'VISUALIZERS',
]


def _child(parent: Registry, location: str) -> Registry:
    return Registry(parent.name, parent=parent, scope='haresreid', locations=[location])


MODELS = _child(MMENGINE_MODELS, 'haresreid.models')
DATASETS = _child(MMENGINE_DATASETS, 'haresreid.datasets')
DATA_SAMPLERS = _child(MMENGINE_DATA_SAMPLERS, 'haresreid.datasets')
TRANSFORMS = _child(MMENGINE_TRANSFORMS, 'haresreid.datasets')
FUNCTIONS = _child(MMENGINE_FUNCTIONS, 'haresreid.datasets')
METRICS = _child(MMENGINE_METRICS, 'haresreid.evaluation')
# a protocol is no metric: it chooses what the metrics are computed on
PROTOCOLS = Registry('protocol', scope='haresreid', locations=['haresreid.evaluation'])
HOOKS = _child(MMENGINE_HOOKS, 'haresreid.engine')
OPTIM_WRAPPERS = _child(MMENGINE_OPTIM_WRAPPERS, 'haresreid.engine')
OPTIM_WRAPPER_CONSTRUCTORS = _child(MMENGINE_OPTIM_WRAPPER_CONSTRUCTORS, 'haresreid.engine')
PARAM_SCHEDULERS = _child(MMENGINE_PARAM_SCHEDULERS, 'haresreid.engine')
VISUALIZERS = _child(MMENGINE_VISUALIZERS, 'haresreid.visualization')

# haresreid adds nothing to these, but MMEngine warns at every start about a scope that lacks one of its trees.
for _parent in (LOOPS, MODEL_WRAPPERS, OPTIMIZERS, VISBACKENDS, WEIGHT_INITIALIZERS):
    Registry(_parent.name, parent=_parent, scope='haresreid')
