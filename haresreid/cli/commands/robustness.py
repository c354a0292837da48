"""Measure what corrupted images cost a model: SYSU-MM01-C, RegDB-C, and corruptions of infrared images.

    haresreid robustness haresformer_sysu epoch_80.pth
    haresreid robustness haresformer_sysu ours.pth agw_sysu_paper agw.pth --repeats 10 --corruptions any fog

Of each modality, 'any' draws one corruption and one severity for each image, as CIL's benchmark does; the others are
one corruption at drawn severities. OUT gets robustness.md, robustness.csv, a heat map for each protocol, and the
figures of each model. A later call with the same OUT computes only what is not there yet.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.choices import INFRARED_CORRUPTIONS, MODALITIES, PROTOCOL_NAMES, VISIBLE_CORRUPTIONS
from haresreid.cli.arguments import at_least, config_path, user_path

if TYPE_CHECKING:
    from haresreid.analysis.robustness import Condition

ANY = 'any'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        'source', nargs='+', type=config_path, metavar='CONFIG CHECKPOINT', help='one model, or several of one data set'
    )
    parser.add_argument('--names', nargs='+', metavar='NAME', help="the models' names; default: those of the configs")
    parser.add_argument('--data-root', type=user_path, help="folder of the data set, instead of a config's")
    parser.add_argument(
        '--protocols', nargs='+', metavar='NAME', help=f"instead of the config's; there are {', '.join(PROTOCOL_NAMES)}"
    )
    parser.add_argument(
        '--corruptions',
        nargs='+',
        choices=(ANY, *VISIBLE_CORRUPTIONS, *INFRARED_CORRUPTIONS),
        metavar='NAME',
        help=f'default: all; there are {ANY}, {", ".join((*VISIBLE_CORRUPTIONS, *INFRARED_CORRUPTIONS))}',
    )
    parser.add_argument(
        '--modalities', nargs='+', choices=MODALITIES, default=MODALITIES, help='whose images; default: both'
    )
    parser.add_argument('--severity', type=int, choices=range(1, 6), help='of every image, instead of a drawn one')
    parser.add_argument('--repeats', type=at_least(1), default=3, help='draws of each condition; default: 3')
    parser.add_argument('--out', type=user_path, metavar='DIR', default='robustness', help='default: %(default)s')


def main(args: argparse.Namespace) -> None:
    from mmengine.registry import init_default_scope

    from haresreid.analysis.robustness_tables import as_csv, as_markdown
    from haresreid.files.extras import require_extra
    from haresreid.files.files import make_folder, written_whole
    from haresreid.visualization.sources import read_sources

    init_default_scope('haresreid')
    conditions = _conditions(args)
    if any(condition.name.startswith('visible/') and condition.name != 'visible/rain' for condition in conditions):
        require_extra('imagecorruptions', 'robustness')
    sources = read_sources(args.source, args.names)
    if missing := [' '.join(source) for source in sources.values() if not all(Path(file).is_file() for file in source)]:
        raise FileNotFoundError(f'There is no such config or checkpoint: {"; ".join(missing)}.')
    out = Path(args.out)
    make_folder(out)
    models = _measure(sources, conditions, out, args)
    for file, text in ((out / 'robustness.md', as_markdown(models)), (out / 'robustness.csv', as_csv(models))):
        with written_whole(file) as part:
            part.write_text(text, encoding='utf-8')
    _draw(models, out)
    print(f'Tables and heat maps: {out}')


def _conditions(args: argparse.Namespace) -> list[Condition]:
    from haresreid.analysis.robustness import all_conditions
    from haresreid.structures import Modality

    asked = [
        condition
        for condition in all_conditions([Modality[name.upper()] for name in args.modalities])
        if args.corruptions is None or condition.corruption in args.corruptions
    ]
    if not asked:
        raise ValueError(f'No {" or ".join(args.modalities)} image has the corruptions {", ".join(args.corruptions)}.')
    return asked


def _measure(
    sources: dict[str, tuple[str, ...]], conditions: list[Condition], out: Path, args: argparse.Namespace
) -> dict:
    """The figures of each model under the conditions, those of an earlier call among them."""
    from haresreid.analysis.robustness import CLEAN, METRICS, CorruptedTestSet, Subject, measure_robustness
    from haresreid.files.files import write_json

    names = [CLEAN, *(condition.name for condition in conditions)]
    settings, figures, subjects = {}, {}, {}
    for name, source in sources.items():
        model, cfg, protocols, settings[name] = _load(source, args)
        figures[name] = _earlier(out / f'{name}.json', settings[name])
        if not all(condition in figures[name] for condition in names):
            subjects[name] = Subject(CorruptedTestSet(model, cfg, source[1]), protocols, figures[name])

    def report(name: str, condition: str) -> None:
        write_json(out / f'{name}.json', dict(settings=settings[name], figures=figures[name]))
        found = figures[name][condition].values()
        means = (' '.join(f'{100 * sum(row) / len(row):6.2f}' for row in metrics.values()) for metrics in found)
        print(f'  {condition:<28}{name:<24}{"   ".join(means)}', flush=True)

    if subjects:
        print(f'{", ".join(next(iter(settings.values()))["protocols"])}; {", ".join(METRICS)}')
    measure_robustness(subjects, conditions, args.repeats, args.severity, report)
    return {name: {condition: found[condition] for condition in names} for name, found in figures.items()}


def _load(source: tuple[str, ...], args: argparse.Namespace) -> tuple:
    """A model, its config, the protocols, and what its figures depend on beside the condition."""
    from haresreid.apis.test_set import load_trained
    from haresreid.config.config import config_hash
    from haresreid.evaluation import protocol_by_name
    from haresreid.evaluation.results import describe_checkpoint
    from haresreid.registry import PROTOCOLS

    model, cfg = load_trained(*source, args.data_root)
    protocols = (
        [protocol_by_name(name) for name in args.protocols]
        if args.protocols
        else [PROTOCOLS.build(protocol) for protocol in cfg.test_evaluator.protocols]
    )
    settings = dict(
        config=config_hash(cfg),
        checkpoint=describe_checkpoint(source[1]),
        data_root=args.data_root,
        protocols=[protocol.name for protocol in protocols],
        severity=args.severity,
        repeats=args.repeats,
    )
    return model, cfg, protocols, settings


def _earlier(file: Path, settings: dict) -> dict:
    """The figures that a call with the same settings left."""
    from haresreid.files.text_files import read_json

    if not file.is_file():
        return {}
    content = read_json(file)
    if content.get('settings') != settings:
        raise ValueError(
            f'{file} is of another model or of other options: give another --out, or remove it to measure anew.'
        )
    return content['figures']


def _draw(models: dict, out: Path) -> None:
    from haresreid.analysis.robustness import METRICS
    from haresreid.analysis.robustness_tables import drops
    from haresreid.visualization import draw_heat_maps

    clean, *corrupted = next(iter(models.values()))
    for protocol in next(iter(models.values()))[clean]:
        panels = {
            f'{metric}, percent points lost under {protocol}': drops(models, protocol, metric) for metric in METRICS
        }
        draw_heat_maps(panels, list(models), corrupted, out / protocol.replace('/', '_'))
