"""The labels and the prediction of one image, in MMEngine's container."""

from mmengine.structures import BaseDataElement

__all__ = ['ReIDDataSample']


class ReIDDataSample(BaseDataElement):
    """Labels and prediction of one image.

    Meta fields:
        img_path (str): The image file.
        pid (int): Person identity as the data set numbers it.
        camid (int): Camera number.
        modality (int): A :class:`Modality`.
        gt_label (int): Training class 0..C-1; -1 in test subsets.
        role (str): What a batch's image was drawn for; 'query' or 'gallery' of a test track that its data set lists.

    Data fields:
        pred_feature (torch.Tensor): (D,) L2-normalised feature, set by ``mode='predict'``.

    Examples:
        >>> sample = ReIDDataSample(metainfo=dict(pid=7, camid=3, modality=Modality.INFRARED, gt_label=-1))
        >>> sample.pid
        7
    """
