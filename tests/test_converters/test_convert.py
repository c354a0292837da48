import pytest
import torch

from haresreid.converters import METHODS, from_official, to_official

# the method whose reference file has the network's parameters
NETWORKS = {
    'agw': 'agw',
    'caj': 'agw',
    'cm_nas_separate': 'cm_nas',
    'cm_nas_shared': 'cm_nas',
    'cm_nas_stem': 'cm_nas',
    'ddag': 'ddag',
    'deen': 'deen',
    'dfln_vit': 'dfln_vit',
    'hc_tri': 'hc_tri',
    'lba': 'lba',
    'mmd_reid': 'mmd_reid',
    'mmn': 'mmn',
    'mpanet': 'mpanet',
    'pmt': 'pmt',
    'transreid': 'transreid_full_s12',
    'vit': 'transreid_base_s16',
    'x_modality': 'x_modality',
}

# TransReID's file has cameras, and our config modalities
VARIANTS = {'transreid': {'model.backbone.num_cameras': 6, 'model.backbone.num_modalities': 0}}


@pytest.mark.parametrize('method', METHODS)
def test_there_and_back_is_bit_identical(official, method):
    weights = official(NETWORKS[method])
    there = from_official(method, weights)
    assert there.used.keys() | there.dropped.keys() == weights.keys() and not there.missing
    assert there.used.keys().isdisjoint(there.dropped)
    assert (there.num_classes, there.overrides) == (395, VARIANTS.get(method, {}))
    back = to_official(method, there.weights)
    assert back.weights.keys() == weights.keys()  # complete, so that it loads strictly
    for name in there.used:
        assert torch.equal(back.weights[name], weights[name]), name
    again = from_official(method, back.weights)
    assert again.weights.keys() == there.weights.keys()
    assert all(torch.equal(again.weights[name], value) for name, value in there.weights.items())


def test_what_agws_network_never_reads_is_dropped_and_filled_on_the_way_back(official):
    weights = official('agw')
    there = from_official('agw', weights)
    unread = (
        'visible_module.visible.layer',
        'thermal_module.thermal.layer',
        'base_resnet.base.conv1',
        'base_resnet.base.bn1',
    )
    unread = {name for name in weights if name.startswith(unread)}
    assert there.dropped.keys() == unread
    assert set(there.dropped.values()) == {
        'each of three modules keeps a whole ResNet-50, of which the stems run conv1 and bn1 and the base layer1-4'
    }
    back = to_official('agw', there.weights)
    assert back.missing.keys() == unread
    for name, source in back.missing.items():
        assert torch.equal(back.weights[name], weights[source]), name
    assert back.missing['thermal_module.thermal.layer2.3.conv1.weight'] == 'base_resnet.base.layer2.3.conv1.weight'


@pytest.mark.parametrize('method', ['hc_tri', 'mmd_reid', 'mpanet', 'x_modality'])
def test_nothing_of_the_others_is_dropped(official, method):
    assert not from_official(method, official(method)).dropped


@pytest.mark.parametrize(
    'method, entries, parameters',
    [
        ('ddag', 991, 184),
        ('lba', 960, 165),
        ('deen', 1048, 235),
        ('x_modality', 328, 166),
        ('cm_nas_shared', 854, 162),
        ('cm_nas_separate', 854, 162 + 2 * 53),
    ],
)
def test_what_the_official_network_reads_is_used(official, method, entries, parameters):
    """All entries of its file, and those of them that its forward pass in training reads, without the statistics."""
    weights = official(NETWORKS[method])
    used = from_official(method, weights).used
    statistics = ('running_mean', 'running_var', 'num_batches_tracked')
    assert len(weights) == entries and len([name for name in used if not name.endswith(statistics)]) == parameters


@pytest.mark.parametrize(
    'file, method, overrides',
    [
        ('transreid_base_s12', 'vit', dict(stride=12)),
        ('transreid_sie_s16', 'vit', dict(num_cameras=6)),
        ('transreid_jpm_s16', 'transreid', dict(stride=16, num_modalities=0)),
    ],
)
def test_the_file_says_stride_and_cameras_of_a_vision_transformer(official, file, method, overrides):
    weights = official(file)
    there = from_official(method, weights)
    assert there.overrides == {f'model.backbone.{name}': value for name, value in overrides.items()}
    back = to_official(method, there.weights)
    assert back.weights.keys() == weights.keys() and back.overrides == there.overrides
    assert all(torch.equal(back.weights[name], weights[name]) for name in there.used)
    assert {name for name in weights if 'fc.' in name and 'mlp' not in name} <= there.dropped.keys()


def test_deens_network_for_regdb_is_a_stage_shorter(official):
    weights = official('deen_regdb')
    there = from_official('deen', weights)
    assert there.overrides == {'model.backbone.expand_after': 2, 'model.head.in_channels': 1024}
    assert there.num_classes == 206 and there.used.keys() | there.dropped.keys() == weights.keys()
    back = to_official('deen', there.weights)
    assert {name: value.shape for name, value in back.weights.items()} == {
        name: value.shape for name, value in weights.items()
    }
    assert all(torch.equal(back.weights[name], weights[name]) for name in there.used)
    assert not back.weights['base_resnet.base.layer4.0.conv1.weight'].any()


def test_an_embedding_of_modalities_is_one_of_two_cameras(official):
    weights = official('transreid_full_s12')
    weights['base.sie_embed'] = torch.randn(2, 1, 768)
    there = from_official('transreid', weights)
    assert there.overrides == {} and torch.equal(there.weights['backbone.modality_embed'], weights['base.sie_embed'])
    back = to_official('transreid', there.weights)
    assert torch.equal(back.weights['base.sie_embed'], weights['base.sie_embed'])


def test_what_transreid_never_calls_is_dropped_and_filled_on_the_way_back(official):
    there = from_official('transreid', official('transreid_full_s12'))
    unread = {name for name in there.dropped if name.startswith(('base.blocks.11.', 'base.norm.'))}
    assert there.dropped.keys() - unread == {'base.fc.weight', 'base.fc.bias'} and len(unread) == 14
    back = to_official('transreid', there.weights)
    assert torch.equal(back.weights['base.blocks.11.mlp.fc1.bias'], back.weights['b1.0.mlp.fc1.bias'])
    assert back.weights['base.fc.weight'].shape == (1000, 768) and not back.weights['base.fc.weight'].any()
    assert back.missing['base.fc.bias'] == 'zero' and back.missing['base.norm.bias'] == 'b1.1.bias'


def test_stripes_of_dfln_vit_are_matrices_there_and_point_wise_convolutions_here(official):
    weights = {**official('dfln_vit'), 'feature3.feat_block.0.weight': torch.rand(512, 2048)}
    there = from_official('dfln_vit', weights)
    stripe = there.weights['neck.stripes.2.0.weight']
    assert stripe.shape == (512, 2048, 1, 1) and torch.equal(stripe[..., 0, 0], weights['feature3.feat_block.0.weight'])
    assert {name.rsplit('.', 1)[0] for name in there.dropped} == {'visible_net.visible.fc', 'thermal_net.thermal.fc'}
    assert there.used['thermal_net.att2.pos_embedding'] == 'backbone.tokens.infrared.1.positions'
    weights['feature3.feat_block.0.weight'] = torch.rand(512, 1024)
    with pytest.raises(ValueError, match=r'shape: feature3.feat_block.0.weight is \(512, 1024, 1, 1\) and should be'):
        from_official('dfln_vit', weights)


def test_a_file_of_another_image_size_is_refused(official):
    weights = official('transreid_base_s16')
    weights['base.pos_embed'] = torch.zeros(1, 1 + 24 * 8, 768)
    with pytest.raises(ValueError, match=r'of another shape: base.pos_embed is \(1, 193, 768\)'):
        from_official('vit', weights)


@pytest.mark.parametrize('name', ['base.pos_embed', 'base.sie_embed', 'classifier.weight'])
def test_a_single_number_in_the_place_of_a_parameter_is_refused(official, name):
    weights = {**official('transreid_sie_s16'), name: torch.tensor(1.0)}
    with pytest.raises(ValueError, match=f'does not hold the network of ViT baseline: .*{name}'):
        from_official('vit', weights)


def test_the_number_of_identities_is_the_files_own(official):
    weights = official('mmd_reid')
    weights['classifier.weight'] = torch.ones(206, 2048)
    there = from_official('mmd_reid', weights)
    assert there.num_classes == 206
    assert torch.equal(there.weights['head.classifier.weight'], torch.ones(206, 2048))
    assert to_official('mmd_reid', there.weights).num_classes == 206


def test_the_newer_release_of_agw_has_wider_non_local_blocks(official):
    weights = official('agw')
    for stage, blocks, width in ((2, 2, 512), (3, 3, 1024)):
        for index in range(blocks):
            for part in ('theta', 'phi', 'g.0'):
                weights[f'NL_{stage}.{index}.{part}.weight'] = torch.ones(width // 2, width, 1, 1)
                weights[f'NL_{stage}.{index}.{part}.bias'] = torch.ones(width // 2)
            weights[f'NL_{stage}.{index}.W.0.weight'] = torch.ones(width, width // 2, 1, 1)
    there = from_official('agw', weights)
    assert there.overrides == {'model.backbone.non_local_channels': None}
    assert there.weights['backbone.layer3.non_local_5.g.weight'].shape == (512, 1024, 1, 1)
    assert to_official('agw', there.weights).overrides == there.overrides


def test_counters_that_old_files_lack_are_zero(official):
    weights = {name: value for name, value in official('hc_tri').items() if not name.endswith('num_batches_tracked')}
    there = from_official('hc_tri', weights)
    assert there.missing['backbone.infrared.bn1.num_batches_tracked'] == 'zero'
    assert there.weights['backbone.bn1.num_batches_tracked'].item() == 0
    back = to_official('hc_tri', there.weights).weights
    assert all(torch.equal(back[name], value) for name, value in weights.items())


@pytest.mark.parametrize(
    'method, network, message',
    [
        # the whole ResNets of AGW begin as HC-Tri's streams do
        ('hc_tri', 'agw', r'network of HC-Tri: it lacks local_conv_list.0., .* it is one of agw or caj$'),
        ('hc_tri', 'mmd_reid', r'HC-Tri: it lacks base_resnet.base.layer2., .* and 10 more; it is one of mmd_reid$'),
        ('agw', 'mmd_reid', r'network of AGW: it lacks base_resnet.base.layer1., .* it is one of mmd_reid$'),
        ('mmd_reid', 'hc_tri', r'network of MMD-ReID: .* it is one of hc_tri$'),
    ],
)
def test_another_methods_file_is_refused_by_name(official, method, network, message):
    with pytest.raises(ValueError, match=message):
        from_official(method, official(network))


def test_wrong_shapes_and_names_are_refused(official):
    weights = official('mmd_reid')
    weights['bottleneck.weight'] = torch.ones(512)
    with pytest.raises(ValueError, match=r'of another shape: bottleneck.weight is \(512,\) and should be \(2048,\)$'):
        from_official('mmd_reid', weights)
    weights = official('mmd_reid')
    weights['NL_2.0.theta.bias'] = torch.ones(1)
    del weights['base_resnet.base.layer4.0.conv2.weight']
    with pytest.raises(ValueError, match=r'it lacks base_resnet.base.layer4.0.conv2.weight; it has NL_2.0.theta.bias$'):
        from_official('mmd_reid', weights)


def test_our_own_checkpoint_is_refused_and_so_is_another_models_on_the_way_back(official):
    ours = from_official('mmd_reid', official('mmd_reid')).weights
    with pytest.raises(ValueError, match='names of haresreid already, .* --to-official'):
        from_official('mmd_reid', ours)
    with pytest.raises(ValueError, match=r'model of HC-Tri \(configs/_base_/models/hc_tri.py\): .* neck.stripes.0., '):
        to_official('hc_tri', ours)
    with pytest.raises(ValueError, match=r'model of MMD-ReID .* it lacks backbone.conv1., '):
        to_official('mmd_reid', official('mmd_reid'))


def test_mpanets_means_are_buffers_and_its_alleviation_ends_two_stages(official):
    there = from_official('mpanet', official('mpanet'))
    assert there.used['visible_classifier_.weight'] == 'head.modality_classifiers.visible_mean'
    assert there.used['backbone.MAM4.channel_attention.2.weight'] == 'backbone.layer4.plugin.gate.3.weight'
    read = [name for name in there.used if not name.endswith(('running_mean', 'running_var', 'num_batches_tracked'))]
    assert (len(read), len(there.used)) == (172, 334)
