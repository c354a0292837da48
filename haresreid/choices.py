"""The names that command lines offer, apart from what they name: ``--help`` imports neither PyTorch nor NumPy."""

from .catalogue import IMAGE_LAYOUTS, PROTOCOL_NAMES, RUN_DATASETS
from .catalogue import LAYOUTS as DATASET_LAYOUTS

__all__ = [
    'CALIBRATION_METHODS',
    'CONVERTED_METHODS',
    'DATASET_LAYOUTS',
    'DTYPES',
    'IMAGE_LAYOUTS',
    'INDEX_KINDS',
    'INFRARED_CORRUPTIONS',
    'METRIC_NAMES',
    'MODALITIES',
    'PROTOCOL_NAMES',
    'REFERENCE_NAMES',
    'RERANKER_NAMES',
    'RUN_DATASETS',
    'SYNVI_LEVELS',
    'TABLE_FORMATS',
    'TABLE_METRICS',
    'TABLE_NAMES',
    'TRACKERS',
    'VISIBLE_CORRUPTIONS',
    'VISIBLE_SETS',
]

CALIBRATION_METHODS = ('isotonic', 'logistic')
CONVERTED_METHODS = (
    'agw',
    'caj',
    'cm_nas_separate',
    'cm_nas_shared',
    'cm_nas_stem',
    'ddag',
    'deen',
    'dfln_vit',
    'hc_tri',
    'lba',
    'mmd_reid',
    'mmn',
    'mpanet',
    'pmt',
    'transreid',
    'vit',
    'x_modality',
)
DTYPES = ('fp32', 'bf16')
INDEX_KINDS = ('exact', 'ivf', 'hnsw')
INFRARED_CORRUPTIONS = (
    'sensor_noise',
    'fixed_pattern',
    'saturation',
    'defocus',
    'low_contrast',
    'false_colours',
    'dead_lines',
)
METRIC_NAMES = ('R1', 'R5', 'R10', 'R20', 'mAP', 'mINP')
MODALITIES = ('visible', 'infrared')  # numbered as haresreid.structures.Modality
REFERENCE_NAMES = ('chance', 'hog', 'hsv', 'patches')
RERANKER_NAMES = ('aqe', 'k-reciprocal')
SYNVI_LEVELS = ('easy', 'standard', 'context')
TABLE_FORMATS = ('markdown', 'latex', 'csv')
TABLE_METRICS = ('R1', 'R10', 'R20', 'mAP', 'mINP')
TABLE_NAMES = ('table2', 'table3', 'table4', 'table5', 'table6', 'table7', 'table8', 'fig6', 'baselines')
TRACKERS = ('bytetrack', 'ocsort', 'sort')
VISIBLE_CORRUPTIONS = (
    'gaussian_noise',
    'shot_noise',
    'impulse_noise',
    'defocus_blur',
    'glass_blur',
    'motion_blur',
    'zoom_blur',
    'snow',
    'frost',
    'fog',
    'brightness',
    'contrast',
    'elastic_transform',
    'pixelate',
    'jpeg_compression',
    'speckle_noise',
    'gaussian_blur',
    'spatter',
    'saturate',
    'rain',
)
VISIBLE_SETS = ('market1501', 'msmt17', 'cuhk03')
