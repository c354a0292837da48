"""The costs in the metafiles are those of the configs, to the last parameter."""

import pytest
from mmengine.config import Config
from torch import nn

from haresreid.config.config import load_config
from haresreid.costs.model_cost import build_on_meta, model_cost
from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.reproduce.zoo import read_metafiles
from haresreid.reproduce.zoo.refresh import COST_SIZE, metadata

NUM_CLASSES = dict(sysu=395, regdb=206, llcm=713)
ROWS = dict(DEEN=3, MMN=2)  # of one image at test time, where they are not one


def classifier_weights(cfg: Config) -> tuple[int, int]:
    """Parameters per identity, and those of them that are multiplied at test time (biases are not)."""
    if cfg.model.head.num_classes == 0:  # without labels there is no classifier
        return 0, 0
    model = build_on_meta(cfg)
    multiplied = sum(
        module.in_features
        for name, module in model.head.named_modules()
        if isinstance(module, nn.Linear) and name.startswith('classifier')
    )
    cfg.model.head.num_classes += 1
    before, after = (sum(weight.numel() for weight in net.parameters()) for net in (model, build_on_meta(cfg)))
    return after - before, multiplied


@pytest.mark.parametrize('metafile', read_metafiles(), ids=lambda metafile: metafile.name)
def test_costs_are_those_of_the_configs(metafile):
    models = {model['Name']: model for model in metafile.models}
    of = {dataset: [model for name, model in models.items() if dataset in name.split('_')] for dataset in NUM_CLASSES}
    assert all(of.values()) and all('Metadata' in model for full_size in of.values() for model in full_size)
    assert all('Metadata' not in model for name, model in models.items() if 'synth' in name.split('_'))

    cfg = load_config(str(ROOT / of['sysu'][-1]['Config']))
    cost = metadata(model_cost(cfg, COST_SIZE))
    parameters, multiplied = classifier_weights(cfg)
    # the data sets' networks differ in nothing but the classifier, and the recipes' not at all
    for dataset, full_size in of.items():
        more = NUM_CLASSES[dataset] - NUM_CLASSES['sysu']
        expected = dict(cost)
        expected['FLOPs'] += 2 * more * multiplied * ROWS.get(metafile.name, 1)
        expected['Parameters'] += more * parameters
        # there DEEN is a stage shorter; each data set has cameras of its own
        if (metafile.name, dataset) == ('DEEN', 'regdb') or 'camera' in metafile.name:
            expected = metadata(model_cost(load_config(str(ROOT / full_size[-1]['Config'])), COST_SIZE))
        # AlignGAN enlarges images in its own recipe
        alike = full_size[-1:] if metafile.name == 'AlignGAN' else full_size
        assert all(model['Metadata'] == expected for model in alike)
