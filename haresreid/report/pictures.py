"""The pictures of a report: curves, ranked lists, Grad-CAM, similarities, t-SNE, costs."""

from collections.abc import Iterator

from haresreid.config.config import image_size
from haresreid.costs.stage_costs import stage_costs
from haresreid.files.extras import require_extra
from haresreid.registry import DATASETS, MODELS, PROTOCOLS
from haresreid.visualization import (
    choose_cam_images,
    draw_cams,
    draw_cmc_curves,
    draw_ranked_lists,
    draw_similarity,
    draw_stage_costs,
    draw_training_curves,
    draw_tsne,
)

from .blocks import Picture, picture_of_figure, picture_of_file
from .run import Run

__all__ = [
    'cams',
    'cmc_curves',
    'cost_chart',
    'hardest_queries',
    'random_queries',
    'similarity',
    'training_curves',
    'tsne',
]

RANKED = 'Rows of images: a query, then its ten nearest gallery images.'


def training_curves(run: Run) -> Iterator[Picture]:
    """Curves over all starts of the training."""
    yield picture_of_figure(
        draw_training_curves(run.scalars),
        alt='Training losses, training accuracy, and the metrics of the evaluations over time.',
        caption='Losses and accuracy by step, the metrics of each evaluation by epoch.',
    )


def cmc_curves(run: Run) -> Iterator[Picture]:
    """CMC curves of the rows of ``metrics.json``, one picture per protocol."""
    for protocol in run.metrics['protocols']:
        yield picture_of_figure(
            draw_cmc_curves({'ours': run.metrics}, protocol),
            alt=f'Matching rate of {protocol} against rank, of ours and of the reference rows of the table.',
            caption='The share of queries with a match among the first k.',
        )


def random_queries(run: Run) -> Iterator[Picture]:
    """The run's ``ranked_list.png``, which needs neither the images nor the checkpoint."""
    file = run.folder / 'ranked_list.png'
    if not file.exists():
        raise FileNotFoundError(f'{run.folder} holds no ranked_list.png, which a run draws after its last evaluation.')
    yield picture_of_file(
        file,
        alt=RANKED,
        caption='Random queries of the last evaluation, each of another person, and their nearest gallery images: '
        'green and ✓ is the right person, red and ✗ another one.',
    )


def hardest_queries(run: Run) -> Iterator[Picture]:
    """The queries with the lowest average precision."""
    protocol = PROTOCOLS.build(run.trained[1].test_evaluator.protocols[0])
    yield picture_of_figure(
        draw_ranked_lists(run.features, protocol, queries='hardest', num_queries=5),
        alt=RANKED,
        caption='The queries of the lowest average precision, at most one per person, the worst first.',
        photographs=True,
    )


def cams(run: Run) -> Iterator[Picture]:
    """Grad-CAM of the checkpoint, at every layer that the model offers."""
    model, cfg = run.trained
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    yield picture_of_figure(
        draw_cams({run.name: model}, dataset, choose_cam_images(dataset)),
        alt='Images of three people, a visible and an infrared one each, and beside each a heat map per layer.',
        caption='What makes an image similar to the same person in the other modality, by layer. Every map is scaled '
        'to its own maximum; ∅: nothing there speaks for the person.',
        photographs=True,
    )


def similarity(run: Run) -> Iterator[Picture]:
    """Similarity distributions of the checkpoint's features."""
    yield picture_of_figure(
        draw_similarity({run.name: run.features}),
        alt='Two histograms of cosine similarity: of pairs of one identity, and of pairs of two.',
        caption='All visible-infrared pairs of test images. δ is the difference between the means (dashed).',
    )


def tsne(run: Run) -> Iterator[Picture]:
    """t-SNE of the checkpoint's features."""
    require_extra('sklearn', 'figures')
    yield picture_of_figure(
        draw_tsne({run.name: run.features}),
        alt='The features of up to seven people as points in the plane, stars visible and circles infrared.',
        caption='Random people of the test set, a colour and a number each. Where the stars and the circles of one '
        'colour mix, the features of a person are alike across modalities.',
    )


def cost_chart(run: Run) -> Iterator[Picture]:
    """Cost per stage, for models with HAResformer's stages."""
    yield picture_of_figure(
        draw_stage_costs(stage_costs(MODELS.build(run.cfg.model), image_size(run.cfg))),
        alt='Stacked bars: multiply-accumulates and parameters of each stage.',
        caption="RE, TE and CFFM by the paper's counting rule; the hatched parts are what it leaves out.",
    )
