"""Draw a figure of the paper, or of a run, as PNG and SVG.

    haresreid draw similarity features.npz
    haresreid draw cam haresformer_sysu work_dirs/haresformer_sysu/epoch_80.pth
    haresreid draw tsne b.npz haresformer_sysu epoch_80.pth --names B HAResformer

Features come from a dump of haresreid test (.npz), or are computed from a config and its checkpoint.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from haresreid.choices import PROTOCOL_NAMES, REFERENCE_NAMES
from haresreid.cli.arguments import CONFIG, add_config, at_least, config_path, user_path
from haresreid.cli.outputs import require_writable
from haresreid.files.extras import require_extra

MODEL = 'CONFIG.py CHECKPOINT.pth'
FEATURES = f'FEATURES.npz or {MODEL}'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    figures = parser.add_subparsers(required=True, metavar='FIGURE')

    def add(name: str, draw: Callable, what: str, sources: str | None = None) -> argparse.ArgumentParser:
        figure = figures.add_parser(name, help=what, description=what)
        figure.set_defaults(draw=draw)
        if sources:
            figure.add_argument(
                'sources', nargs='+', type=config_path, metavar='SOURCE', help=f'one or several: {sources}'
            )
            figure.add_argument('--names', nargs='+', metavar='NAME', help='what each source is called')
            figure.add_argument('--data-root', type=user_path, help="folder of the data set, instead of a config's")
        figure.add_argument(
            '--out',
            type=user_path,
            metavar='STEM',
            default=f'work_dirs/figures/{name}',
            help='writes STEM.png and STEM.svg; with a suffix .png, .svg or .pdf only that file. Default: %(default)s',
        )
        figure.add_argument('--overwrite', action='store_true', help='replace a figure that is there')
        return figure

    cam = add('cam', cam_figure, 'Grad-CAM per stage, or of several models side by side (Figs. 1d, 2, 8)', MODEL)
    cam.add_argument(
        '--num-people', type=at_least(1), default=3, help='people, with a visible and an infrared image each'
    )
    cam.add_argument('--seed', type=at_least(0), default=0, help='of the choice of people')
    cam.add_argument('--images', nargs='+', type=user_path, metavar='PATH', help='test images, instead of a choice')
    cam.add_argument(
        '--layers',
        nargs='+',
        metavar='NAME',
        help='e.g. RE4 TE4 CLS4 CFFM4; default: all of one model, the last of each of several',
    )
    add('similarity', similarity_figure, 'intra- and inter-class similarity distributions (Fig. 7, top)', FEATURES)
    tsne = add('tsne', tsne_figure, 't-SNE, a colour per identity, a marker per modality (Fig. 7, bottom)', FEATURES)
    tsne.add_argument('--num-ids', type=at_least(1), default=7, help='identities to choose')
    tsne.add_argument('--pids', type=int, nargs='+', help='identities by number, instead of a choice')
    tsne.add_argument('--seed', type=at_least(0), default=0, help='of the choice and of t-SNE')
    ranked = add(
        'ranked', ranked_figure, 'queries and their first gallery matches, framed green and red (Fig. 8)', FEATURES
    )
    ranked.add_argument(
        '--queries',
        nargs='+',
        type=user_path,
        default=['random'],
        metavar='QUERY',
        help="'random', 'hardest', or image paths, or row numbers of the features",
    )
    ranked.add_argument('--num-queries', type=at_least(1), default=8, help='random or hardest ones')
    ranked.add_argument('--seed', type=at_least(0), default=0, help='of random ones')
    ranked.add_argument('--trial', type=at_least(0), default=0, help='gallery draw')
    ranked.add_argument('--top', type=at_least(1), default=10, help='gallery matches per query')
    cmc = add('cmc', cmc_figure, 'CMC curves of several results', f'metrics.json or {FEATURES}')
    cmc.add_argument(
        '--references',
        nargs='*',
        default=['chance'],
        choices=REFERENCE_NAMES,
        help='grey curves beside features; a metrics.json brings its own. Default: chance',
    )
    for figure in (ranked, cmc):
        figure.add_argument(
            '--protocol',
            metavar='NAME',
            help=f'default: the first one of the data set; there are {", ".join(PROTOCOL_NAMES)}',
        )
        figure.add_argument('--rand-perm-cam', type=user_path, metavar='FILE', help='the official rand_perm_cam.mat')
    curves = add('curves', curves_figure, 'training curves of a run, or of several')
    curves.add_argument('runs', nargs='+', type=user_path, metavar='WORK_DIR')
    curves.add_argument('--names', nargs='+', metavar='NAME', help='what each run is called')
    lambdas = add('lambda', lambda_figure, 'Rank-1 and mAP against lambda_3 (Fig. 6)')
    lambdas.add_argument('table', type=user_path, help='a CSV file with the columns protocol,source,lambda_3,R1,mAP')
    cost = add('cost', cost_figure, 'multiply-accumulates and parameters of each stage')
    add_config(cost, f'{CONFIG}; of HAResformer')


def main(args: argparse.Namespace) -> None:
    from mmengine.registry import init_default_scope

    from haresreid.visualization import figure_files

    require_writable(figure_files(args.out), args.overwrite)
    init_default_scope('haresreid')
    args.draw(args)
    print('Figure:', ', '.join(map(str, figure_files(args.out))))


def cam_figure(args: argparse.Namespace) -> None:
    from haresreid.apis import load_trained
    from haresreid.registry import DATASETS
    from haresreid.visualization import choose_cam_images, draw_cams
    from haresreid.visualization.sources import read_sources

    sources = read_sources(args.sources, args.names)
    for source in sources.values():
        if len(source) != 2:
            raise ValueError(f'Grad-CAM needs a model: give {MODEL} instead of {source[0]}.')
    loaded = {name: load_trained(*source, args.data_root) for name, source in sources.items()}
    dataset = DATASETS.build(next(iter(loaded.values()))[1].test_dataloader.dataset)
    rows = choose_cam_images(dataset, args.num_people, args.seed)
    if args.images:
        unknown = [path for path in args.images if path not in dataset.img_paths]
        if unknown:
            raise ValueError(
                f'{unknown[0]} is none of the {len(dataset)} test images, which are like {dataset.img_paths[0]}.'
            )
        rows = [dataset.img_paths.index(path) for path in args.images]
    draw_cams({name: model for name, (model, _) in loaded.items()}, dataset, rows, args.out, args.layers)


def similarity_figure(args: argparse.Namespace) -> None:
    from haresreid.visualization import draw_similarity
    from haresreid.visualization.sources import feature_set, read_sources

    draw_similarity(
        {name: feature_set(source, args.data_root) for name, source in read_sources(args.sources, args.names).items()},
        args.out,
    )


def tsne_figure(args: argparse.Namespace) -> None:
    require_extra('sklearn', 'figures')
    from haresreid.visualization import draw_tsne
    from haresreid.visualization.sources import feature_set, read_sources

    feature_sets = {
        name: feature_set(source, args.data_root) for name, source in read_sources(args.sources, args.names).items()
    }
    draw_tsne(feature_sets, args.out, num_ids=args.num_ids, pids=args.pids, seed=args.seed)


def ranked_figure(args: argparse.Namespace) -> None:
    from haresreid.visualization import draw_ranked_lists
    from haresreid.visualization.sources import feature_set, protocol_of, read_sources

    sources = list(read_sources(args.sources, args.names).values())
    if len(sources) > 1:
        raise ValueError(f'Ranked lists are of one source, and {len(sources)} are given.')
    features = feature_set(sources[0], args.data_root)
    queries = [int(query) if query.isascii() and query.isdigit() else query for query in args.queries]
    draw_ranked_lists(
        features,
        protocol_of(features, args.protocol, args.rand_perm_cam),
        args.out,
        trial=args.trial,
        num_queries=args.num_queries,
        seed=args.seed,
        top=args.top,
        queries=queries[0] if queries in (['random'], ['hardest']) else queries,
    )


def cmc_figure(args: argparse.Namespace) -> None:
    from haresreid.evaluation import by_protocol, evaluate_references, evaluate_rows, results_to_dict
    from haresreid.evaluation.results import read_results
    from haresreid.visualization import draw_cmc_curves
    from haresreid.visualization.sources import feature_set, protocol_of, read_sources

    results = {}
    for name, source in read_sources(args.sources, args.names).items():
        if source[0].endswith('.json'):
            results[name] = read_results(source[0])
        else:
            features = feature_set(source, args.data_root)
            protocol = protocol_of(features, args.protocol, args.rand_perm_cam)
            rows = evaluate_rows(features, [protocol]) | evaluate_references(args.references, features, [protocol])
            results[name] = results_to_dict(by_protocol(rows), features)
    draw_cmc_curves(results, args.protocol or next(iter(next(iter(results.values()))['protocols'])), args.out)


def curves_figure(args: argparse.Namespace) -> None:
    from haresreid.visualization import draw_training_curves
    from haresreid.visualization.sources import name_sources

    runs = name_sources([(run,) for run in args.runs], args.names)
    scalars = {}
    for name, (run,) in runs.items():
        # a resumed run has one log folder per start, named by its time
        scalars[name] = sorted(Path(run).glob('*/vis_data/scalars.json'))
        if not scalars[name]:
            raise FileNotFoundError(
                f'There is no */vis_data/scalars.json in {run}: give the work directory of a training.'
            )
    draw_training_curves(scalars if len(scalars) > 1 else next(iter(scalars.values())), args.out)


def lambda_figure(args: argparse.Namespace) -> None:
    from haresreid.visualization import draw_lambda_curves, read_lambda_points

    draw_lambda_curves(read_lambda_points(args.table), args.out)


def cost_figure(args: argparse.Namespace) -> None:
    from haresreid.cli.launch import load_asked_config
    from haresreid.config.config import image_size
    from haresreid.costs.stage_costs import stage_costs
    from haresreid.registry import MODELS
    from haresreid.visualization import draw_stage_costs

    cfg = load_asked_config(args)
    draw_stage_costs(stage_costs(MODELS.build(cfg.model), image_size(cfg)), args.out)
