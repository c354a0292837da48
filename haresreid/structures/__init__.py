"""What travels through the pipeline, the model and the evaluator."""

from .reid_data_sample import Modality, ReIDDataSample

__all__ = ['Modality', 'ReIDDataSample']
