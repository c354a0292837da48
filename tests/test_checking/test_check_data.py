"""What is wrong with the data is said before the first step, on labels and sizes alone."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from PIL import Image

from haresreid.checking.check_data import check_data
from haresreid.config.config import LOADERS, load_config

CONFIG = Path(__file__).parents[2] / 'configs' / 'haresformer_synth.py'
# training people 0 to 3, test people 10 and 11; camera 1 is visible, camera 2 infrared
ROWS = [
    (f'{pid}_{camera}.png', pid, camera, modality, 'train' if pid < 10 else 'test')
    for pid in (0, 1, 2, 3, 10, 11)
    for camera, modality in ((1, 'visible'), (2, 'infrared'))
]


def write(folder: Path, rows=ROWS, sizes=None) -> None:
    for path, *_ in rows:
        width, height = (sizes or {}).get(path, (48, 96))
        Image.fromarray(np.full((height, width, 3), 99, np.uint8)).save(folder / path)
    lines = ['path,pid,camera,modality,split', *(','.join(map(str, row)) for row in rows)]
    (folder / 'manifest.csv').write_text('\n'.join(lines))


def config(folder: Path, **overrides) -> Config:
    cfg = load_config(str(CONFIG))
    for loader in LOADERS:
        given = cfg[loader].dataset
        cfg[loader].dataset = dict(
            type='ManifestDataset', data_root=str(folder), subset=given.subset, pipeline=given.pipeline
        )
    cfg.train_dataloader.sampler.num_ids = 4
    for evaluator in ('val_evaluator', 'test_evaluator'):
        cfg[evaluator].protocols = [dict(type='protocol_by_name', name='own/v2i')]
    cfg.merge_from_dict(overrides)
    return cfg


def rows(**changes) -> list[tuple]:
    """``ROWS`` with some entries of the test rows changed: ``camera=lambda row: ...``."""
    names = ('path', 'pid', 'camera', 'modality', 'split')
    return [
        tuple(changes[name](row) if name in changes and row[4] == 'test' else value for name, value in zip(names, row))
        for row in ROWS
    ]


def test_good_data_pass(tmp_path):
    write(tmp_path)
    check_data(config(tmp_path), LOADERS)


@pytest.mark.parametrize(
    'listed, said',
    [
        ([row for row in ROWS if row[3:] != ('infrared', 'test')], 'own/v2i finds no infrared gallery image'),
        ([*ROWS, ROWS[-1]], "11_2.png' is listed twice"),
        ([*ROWS, (f'../{{}}/{ROWS[-1][0]}', *ROWS[-1][1:])], "11_2.png' is listed twice"),
        (rows(pid=lambda row: 10 * row[1] + row[2]), 'no query has an image of the same person in the gallery'),
        (rows(pid=lambda row: 10**20), r'100000000000000000000'),
        (rows(pid=lambda row: -row[1]), r'-1[01]'),
        (rows(path=lambda row: '0_1.png'), "0_1.png'"),
        ([*ROWS, ('0_1.png', 1, 1, 'visible', 'train')], 'identity 0, visible; as identity 1, visible'),
        ([row for row in ROWS if row[:3] != ('3_2.png', 3, 2)], r'identities \[3\] have no infrared image'),
        ([row for row in ROWS if row[1] != 3], 'has 3 identities, fewer than the 4 of one batch'),
    ],
)
def test_what_labels_tell(tmp_path, listed, said):
    write(tmp_path)
    listed = [(path.format(tmp_path.name), *row) for path, *row in listed]
    (tmp_path / 'manifest.csv').write_text(
        '\n'.join(['path,pid,camera,modality,split', *(','.join(map(str, row)) for row in listed)])
    )
    with pytest.raises(ValueError, match=said):
        check_data(config(tmp_path), LOADERS)


def test_images_that_are_trained_on_are_no_test(tmp_path):
    write(tmp_path)
    cfg = config(tmp_path)
    cfg.val_dataloader.dataset.subset = 'train'
    with pytest.raises(ValueError, match='8 of 8 images of val_dataloader are trained on'):
        check_data(cfg, LOADERS)


@pytest.mark.parametrize('loader', ['val_dataloader', 'test_dataloader'])
@pytest.mark.parametrize('odd, size', [('11_2.png', (40, 80)), ('10_1.png', (144, 288))])
def test_sizes_that_do_not_stack(tmp_path, loader, odd, size):
    write(tmp_path, sizes={odd: size})
    said = rf"{loader}: '.*{odd}' .*{size[1]} x {size[0]} .*must have 96 x 48.*LanczosResize"
    with pytest.raises(ValueError, match=said):
        check_data(config(tmp_path), [loader])


def test_a_training_image_below_the_crop(tmp_path):
    write(tmp_path, sizes={'2_1.png': (20, 40)})
    with pytest.raises(ValueError, match=r"train_dataloader: '.*2_1.png' .*no window of 96 x 48"):
        check_data(config(tmp_path), LOADERS)


def test_what_is_resized_may_have_any_size_but_the_size_must_be_the_model_s(tmp_path):
    write(tmp_path, sizes={'11_2.png': (40, 80)})
    cfg = config(tmp_path)
    load, *rest = cfg.val_dataloader.dataset.pipeline
    for size, fits in (((96, 48), True), ((288, 144), False)):
        cfg.val_dataloader.dataset.pipeline = [load, dict(type='LanczosResize', size=size), *rest]
        if fits:
            check_data(cfg, ['val_dataloader'])
        else:
            with pytest.raises(ValueError, match='288 x 144 .*must have 96 x 48'):
                check_data(cfg, ['val_dataloader'])


def test_an_unreadable_image_is_passed_over_where_the_run_does(tmp_path):
    write(tmp_path)
    (tmp_path / '11_2.png').write_bytes(b'')
    cfg = config(tmp_path)
    with pytest.raises(ValueError, match='11_2.png'):
        check_data(cfg, ['val_dataloader'])
    cfg.val_dataloader.dataset.unreadable = 'skip'
    check_data(cfg, ['val_dataloader'])
