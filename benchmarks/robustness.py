"""Time of an evaluation on the whole of SYSU-MM01-C, estimated from few images of the full size, from a packed file.

    OMP_NUM_THREADS=1 python benchmarks/robustness.py
    OMP_NUM_THREADS=1 python benchmarks/robustness.py --config configs/baselines/agw_sysu_paper.py --repeats 3

SynVI's people are drawn at 288 x 144 in SYSU-MM01's layout. The weights are random. Time is that of the processor, in
one process.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from mmengine.registry import init_default_scope

from haresreid.analysis.robustness import Condition, CorruptedTestSet
from haresreid.apis.inference import init_model
from haresreid.catalogue import CATALOGUE
from haresreid.cli.arguments import config_path
from haresreid.config.config import load_config
from haresreid.datasets.corruptions import corrupt_image
from haresreid.structures import Modality
from haresreid.synvi import SynVISpec, write_synvi


def seconds(function) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--config', type=config_path, default='configs/haresformer_sysu.py')
    parser.add_argument('--people', type=int, default=4, help='of six images each; default: 4')
    parser.add_argument('--repeats', type=int, default=10, help='of the full-size evaluation; default: 10')
    args = parser.parse_args()

    init_default_scope('haresreid')
    cfg = load_config(args.config)
    cfg.test_dataloader.update(num_workers=0, batch_size=8)
    with tempfile.TemporaryDirectory() as folder:
        write_synvi(folder, SynVISpec('sysu', 'easy', (1, 0, args.people), 1, (288, 144)), workers=1)
        dataset = cfg.test_dataloader.dataset
        dataset.update(data_root=folder, check_counts=False, cache_dir=str(Path(folder, 'packed')))
        model = init_model(cfg)
        test_set = CorruptedTestSet(model, cfg, 'random')  # also packs the images
        visible = int((test_set.clean.modalities == Modality.VISIBLE).sum())
        condition = Condition(Modality.VISIBLE, 'any')
        for severity in (1, 3):  # compiles what is compiled
            corrupt_image(np.zeros((32, 32, 3), np.uint8), Modality.VISIBLE, 'glass_blur', severity)
        whole = seconds(lambda: test_set.with_images(test_set.draw(condition, 0))) / visible
        clean = seconds(lambda: [model.test_step(batch) for batch in test_set.loader]) / len(test_set.clean)
    counts = CATALOGUE['sysu'].counts['test']
    images = counts['visible'] + counts['infrared']
    hours = (images * clean + args.repeats * counts['visible'] * whole) / 3600
    print(f'{Path(args.config).stem}, {len(test_set.clean)} images, {visible} of them corrupted')
    print(f'a clean image: {1e3 * clean:.0f} ms; a corrupted one: {1e3 * whole:.0f} ms')
    print(f'SYSU-MM01-C, {images:,} images and {args.repeats} x {counts["visible"]:,} corrupted ones: {hours:.1f} h')


if __name__ == '__main__':
    main()
