"""Tiny trees of noise images in the three official layouts."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def write_image(path: Path, size=(24, 48)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = sum(path.name.encode())
    pixels = np.random.RandomState(seed).randint(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def sysu_root(tmp_path):
    """Train ids 2, 10 and val id 1, test ids 6, 33; two images per id and camera, id 10 not in cameras 1 and 2."""
    root = tmp_path / 'SYSU-MM01'
    write_text(root / 'exp' / 'train_id.txt', '10,2\n')
    write_text(root / 'exp' / 'val_id.txt', '1,')
    write_text(root / 'exp' / 'test_id.txt', ' 6, 33')
    for camid in range(1, 7):
        for pid in (1, 2, 6, 10, 33):
            if not (pid == 10 and camid in (1, 2)):
                for number in (1, 2):
                    write_image(root / f'cam{camid}' / f'{pid:04d}' / f'{number:04d}.jpg')
        write_text(root / f'cam{camid}' / '0001' / 'Thumbs.db', 'not an image')
        write_text(root / f'cam{camid}' / '0001' / '._0001.jpg', 'hidden')
    return root


@pytest.fixture
def regdb_root(tmp_path):
    """Splits 1 and 2: persons 1, 3 against 2, 4, and the other way round; three images per person and modality."""
    root = tmp_path / 'RegDB'
    for split, subsets in ((1, dict(train=(1, 3), test=(2, 4))), (2, dict(train=(2, 4), test=(1, 3)))):
        for subset, pids in subsets.items():
            for folder, letter in (('Visible', 'v'), ('Thermal', 't')):
                lines = []
                for label, pid in enumerate(pids):
                    for number in range(3):
                        name = f'{folder}/{pid}/male_front_{letter}_{number:05d}_{pid}.bmp'
                        write_image(root / name)
                        lines.append(f'{name} {label}\n')
                write_text(root / 'idx' / f'{subset}_{folder.lower()}_{split}.txt', ''.join(lines))
    return root


@pytest.fixture
def llcm_root(tmp_path):
    """Train ids 1, 5 and test ids 3, 12, in the places 1, 3 and 9; no infrared image at place 3."""
    root = tmp_path / 'LLCM'
    write_text(root / 'idx' / 'test_id.txt', '12,3')
    for name in ('vis', 'nir'):
        lines = []
        for camid in (1, 3, 9) if name == 'vis' else (1, 9):
            for label, pid in enumerate((1, 5)):
                path = f'{name}/{pid:04d}/{pid:04d}_c{camid:02d}_s000001_f0001_{name}.jpg'
                write_image(root / path)
                lines.append(f'{path} {label}\n')
            for pid in (3, 12):
                stem = f'{pid:04d}_c{camid:02d}_s000001_f'
                for frame in (1, 2):
                    write_image(root / f'test_{name}' / f'cam{camid}' / f'{pid:04d}' / f'{stem}{frame:04d}_{name}.jpg')
        write_text(root / 'idx' / f'train_{name}.txt', ''.join(lines))
    return root
