"""Write one self-contained HTML page on a run: config, curves, metrics, pictures, cost, environment.

    haresreid report work_dirs/haresformer_synth
    haresreid report work_dirs/haresformer_sysu --checkpoint work_dirs/haresformer_sysu/epoch_60.pth --overwrite

The run may be unfinished. A part that cannot be shown is replaced by a sentence that says why.
"""

import argparse
from pathlib import Path

from haresreid.cli.arguments import config_path, user_path
from haresreid.cli.outputs import require_writable
from haresreid.files.printable import printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('run_dir', type=user_path, metavar='RUN_DIR', help='work directory of a training')
    parser.add_argument('--out', type=user_path, metavar='FILE.html', help='default: RUN_DIR/report.html')
    parser.add_argument('--overwrite', action='store_true', help='replace a report that is there')
    parser.add_argument('--checkpoint', type=user_path, metavar='FILE.pth', help="default: the last epoch's in RUN_DIR")
    parser.add_argument(
        '--config',
        type=config_path,
        metavar='FILE.py',
        help='the config that the run was started from; '
        "default: the one of the run's name below ./configs/ or haresreid's",
    )
    parser.add_argument('--data-root', type=user_path, help="folder of the data set, instead of the config's")


def main(args: argparse.Namespace) -> None:
    from haresreid.files.files import written_whole
    from haresreid.report import SECTIONS, NotShown, make_section, read_run, render

    run = read_run(args.run_dir, args.config, args.checkpoint, args.data_root)
    out = Path(args.out or run.folder / 'report.html')
    require_writable([out], args.overwrite)
    if not out.parent.is_dir():
        raise FileNotFoundError(f'There is no folder {out.parent} to write {out.name} into: make it first.')
    sections = []
    for number, title in enumerate(SECTIONS, start=1):
        print(f'[{number}/{len(SECTIONS)}] {title}', flush=True)
        sections.append(make_section(title, run))
        for block in sections[-1].blocks:
            if isinstance(block, NotShown):
                print(f'  not shown: {printable(block.reason)}')
    with written_whole(out) as part:
        part.write_text(render(f'Report of {run.name}', sections), encoding='utf-8')
    print(f'Report: {out}, {out.stat().st_size / 1e6:.1f} MB')
