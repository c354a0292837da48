"""Test models on each other's data: a matrix of training sets and test sets.

    haresreid transfer haresformer_sysu sysu.pth haresformer_regdb regdb.pth haresformer_llcm llcm.pth
    haresreid transfer haresformer_sysu sysu.pth --tests haresformer_llcm my_configs/own.py

A column is the test set of a config, under that config's protocols, which may be of one's own CSV file or of SynVI. The
images are read by the pipeline of the model that is tested. OUT gets transfer.md, transfer.csv, a heat map, and the
figures of each model. A call with the same options computes only what is not there yet.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from haresreid.cli.arguments import config_path, user_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('source', nargs='+', type=config_path, metavar='CONFIG CHECKPOINT', help='one model or several')
    parser.add_argument('--names', nargs='+', metavar='NAME', help="the models' names; default: those of the configs")
    parser.add_argument(
        '--tests',
        nargs='+',
        type=config_path,
        metavar='CONFIG',
        help="whose test sets; default: those of the models' own configs",
    )
    parser.add_argument('--out', type=user_path, metavar='DIR', default='transfer', help='default: %(default)s')


def main(args: argparse.Namespace) -> None:
    from mmengine.registry import init_default_scope

    from haresreid.analysis.transfer import METRICS, TargetSet, matrix
    from haresreid.checking.check_data import check_data
    from haresreid.config.config import load_config
    from haresreid.files.csv_files import csv_text
    from haresreid.files.files import make_folder, written_whole
    from haresreid.files.markdown import markdown_table
    from haresreid.visualization import draw_heat_maps
    from haresreid.visualization.sources import name_sources, read_sources

    init_default_scope('haresreid')
    sources = read_sources(args.source, args.names)
    if missing := [' '.join(source) for source in sources.values() if not all(Path(file).is_file() for file in source)]:
        raise FileNotFoundError(f'There is no such config or checkpoint: {"; ".join(missing)}.')
    configs = args.tests or list(dict.fromkeys(config for config, _ in sources.values()))
    tests = {
        name: TargetSet(load_config(config)) for name, (config,) in name_sources([(path,) for path in configs]).items()
    }
    for test in tests.values():
        check_data(test.cfg, ['test_dataloader'])  # reports missing data before the first model is loaded
    out = Path(args.out)
    make_folder(out)
    found = {name: _figures(out / f'{name}.json', source, tests) for name, source in sources.items()}

    parts, lines = [], [('model', 'test', 'metric', 'percent')]
    for metric in METRICS:
        columns, rows = matrix(found, metric)
        table = [
            ['trained on \\ tested on', *columns],
            *([name, *(f'{value:.2f}' for value in row)] for name, row in zip(found, rows)),
        ]
        parts += [f'## {metric}', '', markdown_table(table, 1), '']
        lines += [
            (name, column, metric, f'{value:.4f}')
            for name, row in zip(found, rows)
            for column, value in zip(columns, row)
        ]
    for file, text in ((out / 'transfer.md', '\n'.join(parts)), (out / 'transfer.csv', csv_text(lines))):
        with written_whole(file) as part:
            part.write_text(text, encoding='utf-8')
    maps = {f'{metric}, percent': matrix(found, metric)[1] for metric in METRICS}
    draw_heat_maps(maps, list(found), columns, out / 'transfer')
    print('\n'.join(parts))
    print(f'Tables and heat map: {out}')


def _figures(file: Path, source: tuple[str, ...], tests: dict) -> dict:
    """The figures of a model on every test set, from the file of an earlier call as far as it has them."""
    from haresreid.analysis.transfer import evaluate_on
    from haresreid.apis.test_set import load_trained
    from haresreid.config.config import config_hash
    from haresreid.evaluation.results import describe_checkpoint
    from haresreid.files.files import write_json
    from haresreid.files.text_files import read_json

    model, cfg = load_trained(*source)
    settings = dict(config=config_hash(cfg), checkpoint=describe_checkpoint(source[1]))
    content = read_json(file) if file.is_file() else dict(settings=settings, tests={})
    if content.get('settings') != settings:
        raise ValueError(f'{file} is of another model: give another --out, or remove the file to measure anew.')
    for name, target in tests.items():
        test = dict(name=name, hash=config_hash(target.cfg), dataset=_where(target))
        known = content['tests'].get(name, {})
        if known.get('test') != test:
            print(f'{file.stem} on {name}', flush=True)
            content['tests'][name] = dict(test=test, figures=evaluate_on(model, cfg, source[1], target))
            write_json(file, content)
    return {name: content['tests'][name]['figures'] for name in tests}


def _where(target) -> dict:
    """Data root and the like, which the hash of a config leaves out."""
    dataset = target.cfg.test_dataloader.dataset
    return {key: str(value) for key, value in dataset.items() if key not in ('type', 'pipeline')}
