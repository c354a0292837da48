"""Measure whether both branches of a trained HAResformer carry images, and draw it.

    python tools/analysis/branches.py configs/haresformer_synth.py work_dirs/haresformer_synth/epoch_36.pth

Prints, per stage, the spread between images of class token, patch map and fused map, the residual stream, attention and
gradients, and retrieval with outputs of the transformers held at their means; writes the same as JSON and as a picture.
"""

import argparse
from pathlib import Path

from haresreid.analysis import branch_report
from haresreid.utils.files import write_json
from haresreid.utils.launch import clear_errors
from haresreid.visualization import draw_branches


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='the config that the checkpoint was trained with')
    parser.add_argument('checkpoint', help='a .pth or .safetensors file')
    parser.add_argument('--data-root', help="folder of the data set, instead of the config's")
    parser.add_argument('--out', metavar='STEM', default='work_dirs/figures/branches',
                        help='writes STEM.json, STEM.png and STEM.svg. Default: %(default)s')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    report = branch_report(args.config, args.checkpoint, args.data_root)
    print(report)
    out = Path(args.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_json(out.with_name(f'{out.name}.json'), report.to_dict())
    draw_branches(report, out)
    print(f'\nWritten: {out}.json, {out}.png and {out}.svg')


if __name__ == '__main__':
    with clear_errors():
        main()
