"""The model zoo: its metafiles, and the page that is made of them.

python tools/model_zoo.py                               # write the page, figures that are cited brought up to date
python tools/model_zoo.py costs                         # the same, and compute, enter and print the costs
python tools/model_zoo.py results work_dirs/reproduce   # the same, and enter runs of tools/reproduce.py baselines
python tools/model_zoo.py lines                         # count and print the lines of code of each method
"""

import argparse
from pathlib import Path

from haresreid.cli.arguments import user_path
from haresreid.cli.errors import clear_errors

ROOT = Path(__file__).parents[1]  # the metafiles and the page of this checkout, wherever haresreid is installed
PAGE = ROOT / 'docs/en/model_zoo.md'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest='action', metavar='ACTION')
    actions.add_parser('costs', help='compute the costs, enter and print them')
    actions.add_parser('lines', help='count and print the lines of code of each method')
    results = actions.add_parser('results', help='enter the figures of finished runs')
    results.add_argument('work_dir', type=user_path, help='where tools/reproduce.py ran')
    results.add_argument(
        '--dataset', choices=('sysu', 'llcm', 'synth'), default='synth', help="the runs' --dataset; default: synth"
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    from haresreid.files.files import written_whole
    from haresreid.files.markdown import markdown_table
    from haresreid.reproduce.zoo import (
        cite,
        cost_table,
        lines_table,
        read_metafiles,
        read_ours,
        refresh_costs,
        render_page,
    )

    metafiles = read_metafiles(ROOT / 'model-index.yml')
    if args.action == 'lines':
        print(markdown_table(lines_table(metafiles, ROOT)))
        return
    if args.action == 'results':
        found = [
            line for metafile in metafiles for line in read_ours(metafile, Path(args.work_dir), args.dataset, ROOT)
        ]
        if not found:
            raise ValueError(
                f'{args.work_dir} holds no finished run of a model of the zoo: give the --work-dir of '
                'tools/reproduce.py baselines'
            )
        print(f'Seeds found: {", ".join(found)}')
    for metafile in metafiles:
        cite(metafile)
        if args.action == 'costs':
            refresh_costs(metafile, ROOT)
        metafile.save()
    with written_whole(PAGE) as part:
        part.write_text(render_page(metafiles, ROOT), encoding='utf-8')
    print(f'Written: {len(metafiles)} metafiles, {PAGE.relative_to(ROOT)}')
    if args.action == 'costs':
        print(f'\n{markdown_table(cost_table(metafiles), labels=1)}')


if __name__ == '__main__':
    with clear_errors():
        main()
