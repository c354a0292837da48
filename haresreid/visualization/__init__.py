"""Figures of a run and of the paper. Each function returns a matplotlib figure and optionally saves it."""

from .branch_curves import draw_branch_curves, read_branch_curves
from .branches import draw_branches
from .cams import choose_cam_images, draw_cams
from .cluster_curves import draw_cluster_curves, read_cluster_curves
from .cmc_curves import draw_cmc_curves
from .grad_cam import cam_layers, grad_cam
from .heat_maps import draw_heat_maps
from .lambda_curves import LambdaPoint, draw_lambda_curves, read_lambda_points
from .ranked_lists import choose_queries, draw_ranked_lists
from .scaling import ScalingPoint, draw_scaling
from .similarity import draw_similarity, similarity_distributions
from .stage_costs import draw_stage_costs
from .style import figure_files, save_figure
from .sweep import draw_sweep
from .training_curves import draw_training_curves
from .tsne import choose_identities, draw_tsne, tsne_points

__all__ = [
    'LambdaPoint',
    'ScalingPoint',
    'cam_layers',
    'choose_cam_images',
    'choose_identities',
    'choose_queries',
    'draw_branch_curves',
    'draw_branches',
    'draw_cams',
    'draw_cluster_curves',
    'draw_cmc_curves',
    'draw_heat_maps',
    'draw_lambda_curves',
    'draw_ranked_lists',
    'draw_scaling',
    'draw_similarity',
    'draw_stage_costs',
    'draw_sweep',
    'draw_training_curves',
    'draw_tsne',
    'figure_files',
    'grad_cam',
    'read_branch_curves',
    'read_cluster_curves',
    'read_lambda_points',
    'save_figure',
    'similarity_distributions',
    'tsne_points',
]
