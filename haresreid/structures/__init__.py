"""The data structures that pass through the pipeline, the model and the evaluator."""

from haresreid.lazy import lazy_names

# Features and Modality are wanted where MMEngine is not installed
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    dict(
        Calibration='calibration',
        Features='features',
        Modality='modality',
        ReIDBatch='reid_batch',
        ReIDDataSample='reid_data_sample',
    ),
)
