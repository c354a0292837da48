import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# before PyTorch is imported: two processes of many threads each would only wait for each other
os.environ.setdefault('OMP_NUM_THREADS', '1')

from mmengine.registry import init_default_scope

if TYPE_CHECKING:
    import torch

    from haresreid.models import VIReID

ROOT = Path(__file__).parents[1]

# folders and files that train, export, start other programs or draw many images: most of the suite's time
SLOW = (
    'test_apis/test_guide.py',
    'test_apis/test_inferencer.py',
    'test_apis/test_onnx_backend.py',
    'test_checking/',
    'test_cli/test_adapt.py',
    'test_compat/test_allocator.py',
    'test_config/test_config_data.py',
    'test_configs.py',
    'test_converters/',
    'test_costs/',
    'test_crash_states/',
    'test_datasets/test_packed_images.py',
    'test_datasets/test_pipelines.py',
    'test_datasets/test_synth.py',
    'test_datasets/test_sysu_mm01.py',
    'test_demo/',
    'test_deploy/',
    'test_distributed.py',
    'test_docs/test_site.py',
    'test_docs/test_tutorials.py',
    'test_engine/',
    'test_models/test_reid/test_tracks.py',
    'test_report/',
    'test_reproduce/test_cluster.py',
    'test_reproduce/test_sweep.py',
    'test_reproduce/test_zoo/test_costs.py',
    'test_search/test_guide.py',
    'test_search/test_vtest.py',
    'test_setup.py',
    'test_synvi/test_make_synvi.py',
    'test_synvi/test_writer.py',
    'test_tools/',
    'test_visualization/test_stage_costs.py',
)


def pytest_collection_modifyitems(items):
    """Mark the tests of ``SLOW``."""
    for item in items:
        if item.path.relative_to(Path(__file__).parent).as_posix().startswith(SLOW):
            item.add_marker('slow')


@pytest.fixture(autouse=True)
def default_scope():
    """MMEngine's scope is one for the whole process: a test must not find the one that another left behind."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # of the change
        init_default_scope('haresreid')


@pytest.fixture(scope='session')
def sysu_test_root(tmp_path_factory):
    """The whole SYSU-MM01 test tree as empty files, and empty training lists."""
    root = tmp_path_factory.mktemp('sysu') / 'SYSU-MM01'
    counts = json.loads((Path(__file__).parent / 'data' / 'sysu_test_counts.json').read_text())
    (root / 'exp').mkdir(parents=True)
    (root / 'exp' / 'test_id.txt').write_text(','.join(counts))
    for pid, numbers in counts.items():
        for camid, number in enumerate(numbers, 1):
            folder = root / f'cam{camid}' / f'{int(pid):04d}'
            if number:
                folder.mkdir(parents=True)
            for image in range(1, number + 1):
                (folder / f'{image:04d}.jpg').touch()
    return root


@dataclass
class Exported:
    """An export, what it was made of, and the exporter's graph, so that no test need trace the model again."""

    model: 'VIReID'
    config: str
    weights: str
    file: Path
    difference: float
    program: 'torch.onnx.ONNXProgram'


def export_narrow(folder: Path, name: str, change) -> Exported:
    import torch

    from haresreid.apis import get_model
    from haresreid.config.config import load_config
    from haresreid.deploy import export

    cfg = load_config(str(ROOT / 'configs' / name))
    change(cfg)
    config, weights, file = str(folder / 'narrow.py'), str(folder / 'narrow.pth'), folder / 'narrow.onnx'
    cfg.dump(config)
    torch.manual_seed(0)
    torch.save(dict(state_dict=get_model(config).state_dict()), weights)
    model = get_model(config, weights)
    with pytest.MonkeyPatch.context() as patch:
        programs, trace = [], torch.onnx.export
        patch.setattr(
            torch.onnx, 'export', lambda *args, **kwargs: programs.append(trace(*args, **kwargs)) or programs[0]
        )
        difference = export.export_onnx(model, load_config(config), weights, file)
    return Exported(model, config, weights, file, difference, programs[0])


@pytest.fixture(scope='session')
def haresformer(tmp_path_factory) -> Exported:
    """HAResformer on a ResNet of 8 to 64 channels: attention, fused maps, and no part of a modality's own."""

    def shrink(cfg):
        cfg.model.backbone.encoder.base_channels = 8
        cfg.model.head.stage_channels = (8, 16, 32, 64)

    return export_narrow(tmp_path_factory.mktemp('haresformer'), 'haresformer_synth.py', shrink)


@pytest.fixture(scope='session')
def haresformer_options(tmp_path_factory) -> Exported:
    """The same with every option of the transformers, weights large enough for each to change the features."""

    def shrink(cfg):
        cfg.model.backbone.encoder.base_channels = 8
        cfg.model.backbone.stage = dict(
            type='TransformerEncoderStage',
            init_std=0.3,
            final_norm=False,
            cls_self_attention=False,
            output_norm=True,
        )
        cfg.model.head.stage_channels = (8, 16, 32, 64)

    return export_narrow(tmp_path_factory.mktemp('haresformer_options'), 'haresformer_synth.py', shrink)


@pytest.fixture(scope='session')
def baseline(tmp_path_factory) -> Exported:
    """What baselines have, in one: streams, non-local block, a plugin, stripes, GeM with p = 10, padding, flip test."""

    def combine(cfg):
        cfg.model.backbone.update(base_channels=8, non_local=(0, 1, 0, 0), non_local_channels=1)
        cfg.model.backbone.plugins = dict(layer3=dict(type='ModalityAlleviation'))
        cfg.model.neck.in_channels = 64
        cfg.model.neck.pooling.p = 10.0
        cfg.model.flip_test = True
        cfg.test_dataloader.dataset.pipeline.insert(-1, dict(type='ZeroPadChannels'))
        cfg.test_dataloader.dataset.pipeline[0]['thermal_range'] = (7000, 9000)

    return export_narrow(tmp_path_factory.mktemp('baseline'), 'baselines/hc_tri_synth.py', combine)


def shrink_resnet(cfg) -> None:
    """Half the narrow ResNet's width, for a model whose only other width is the head's."""
    cfg.model.backbone.base_channels = 8
    cfg.model.head.in_channels = 64


@pytest.fixture(scope='session')
def ddag(tmp_path_factory) -> Exported:
    """DDAG: two streams and part attention."""
    return export_narrow(tmp_path_factory.mktemp('ddag'), 'baselines/ddag_synth.py', shrink_resnet)


@pytest.fixture(scope='session')
def transreid(tmp_path_factory) -> Exported:
    """TransReID: overlapping and shuffled patches, an odd number of them, and an embedding of the modality."""
    return export_narrow(tmp_path_factory.mktemp('transreid'), 'baselines/transreid_synth.py', lambda cfg: None)


@pytest.fixture(scope='session')
def mip(tmp_path_factory) -> Exported:
    """MIP: prompts of the modality and of the image in front of the blocks."""
    return export_narrow(tmp_path_factory.mktemp('mip'), 'baselines/mip_synth.py', lambda cfg: None)


@pytest.fixture(scope='session')
def cmtr(tmp_path_factory) -> Exported:
    """CMTR: a feature less what is known of its modality."""
    return export_narrow(tmp_path_factory.mktemp('cmtr'), 'baselines/cmtr_synth.py', lambda cfg: None)


@pytest.fixture(scope='session')
def tvtr(tmp_path_factory) -> Exported:
    """TVTR: tokens chosen by their attention."""
    return export_narrow(tmp_path_factory.mktemp('tvtr'), 'baselines/tvtr_synth.py', lambda cfg: None)


@pytest.fixture(scope='session')
def cameras(tmp_path_factory) -> Exported:
    """A vision transformer with an embedding of cameras, and a patch embedding for each modality."""

    def change(cfg):
        cfg.model.backbone.update(num_cameras=6, specific_patches=True)

    return export_narrow(tmp_path_factory.mktemp('cameras'), 'baselines/vit_synth.py', change)


@pytest.fixture(scope='session')
def x_modality(tmp_path_factory) -> Exported:
    """X-modality: a generator that only training uses, and a stem without ReLU."""

    return export_narrow(tmp_path_factory.mktemp('x_modality'), 'baselines/x_modality_synth.py', shrink_resnet)


@pytest.fixture(scope='session')
def deen(tmp_path_factory) -> Exported:
    """DEEN: a backbone that triples the rows, and the features of all three joined to one."""

    return export_narrow(tmp_path_factory.mktemp('deen'), 'baselines/deen_synth.py', shrink_resnet)


@pytest.fixture(scope='session')
def dfln_vit(tmp_path_factory) -> Exported:
    """DFLN-ViT: spatial tokens as released, gates that depend on the image, and normalised stripes."""

    def shrink(cfg):
        cfg.model.backbone.update(base_channels=8, gate_width=6)
        cfg.model.neck.in_channels = 64

    return export_narrow(tmp_path_factory.mktemp('dfln_vit'), 'baselines/dfln_vit_synth.py', shrink)


@pytest.fixture(scope='session')
def mmn(tmp_path_factory) -> Exported:
    """MMN: a generator that doubles the rows, and features of image and middle image joined to one."""

    def shrink(cfg):
        cfg.model.backbone.base_channels = 8
        for part in (cfg.model.head, cfg.model.criterion.losses.dcl):
            part.in_channels = 64

    return export_narrow(tmp_path_factory.mktemp('mmn'), 'baselines/mmn_synth.py', shrink)
