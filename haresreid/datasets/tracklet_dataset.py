"""The base class of the data sets of tracks: an item is several frames of a person's walk through one camera."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import torch

from haresreid.structures import ReIDDataSample

from .samplers import SeededIndex
from .vireid_dataset import VIReIDDataset

__all__ = ['TrackletDataset', 'frame_numbers']

QUERY, GALLERY = 'query', 'gallery'


def frame_numbers(length: int, num_frames: int, jitter: bool = False) -> np.ndarray:
    """Which frames of a track are shown, ascending.

    The track is cut into ``num_frames`` equal parts. Each gives its first frame, as in the released code of BUPTCampus
    and of HITSZ-VCM, or with ``jitter`` one of its frames at random (the restricted random sampling of Li et al., CVPR
    2018). A track with fewer frames shows some several times.

    Args:
        length (int): Frames of the track.
        num_frames (int): How many are chosen, T.
        jitter (bool): Draw from NumPy's global generator, which the index of a training item seeds. Defaults to False.

    Returns:
        np.ndarray: (T,) int64.
    """
    starts = np.arange(num_frames + 1) * length // num_frames  # (T+1,)
    widths = np.maximum(np.diff(starts), 1)
    return starts[:-1] + (np.random.randint(widths) if jitter else 0)


class TrackletDataset(VIReIDDataset):
    """Visible-infrared data in tracks. An item has ``num_frames`` frames of a track; labels and paths are of tracks.

    Everything that draws items or evaluates them takes a track for an image: the samplers, the metric, the protocols.
    Its path is that of its first frame. The pipeline is that of an image. It sees the frames one by one, **with the
    same random numbers for each**: a track is cropped, mirrored and erased as a whole, as it could have been filmed.
    The frames' tensors are then stacked, (T, 3, H, W), and a model with ``temporal_pooling`` makes one feature of them.

    A training item shows other frames each time, a test item always the same (:func:`frame_numbers`).

    Args:
        data_root (str): Folder of the data set.
        subset (str): 'train' or 'test'. Defaults to 'train'.
        num_frames (int): Frames of an item, T. Defaults to 6, as in the released code of HITSZ-VCM.
        pipeline, check_counts, unreadable, cache_dir: See :class:`VIReIDDataset`. Numbers are of tracks. A track with a
            frame that cannot be decoded is unreadable.

    Attributes:
        queries (np.ndarray): (N,) bool, the tracks that the data set lists as queries; none, if it lists no roles.

    Raises:
        ValueError: If ``num_frames`` is below one, or the pipeline makes several views of a frame; and what
            :class:`VIReIDDataset` raises.
    """

    def __init__(
        self,
        data_root: str,
        subset: str = 'train',
        num_frames: int = 6,
        pipeline: Sequence = (),
        check_counts: bool = True,
        unreadable: str = 'raise',
        cache_dir: str | None = None,
    ):
        if num_frames < 1:
            raise ValueError(f'num_frames must be 1 or more, got {num_frames!r}.')
        self.num_frames = num_frames
        super().__init__(data_root, subset, pipeline, check_counts, unreadable, cache_dir)
        self._metainfo['num_frames'] = num_frames

    @abstractmethod
    def list_tracks(self) -> list[dict]:
        """``dict(frames, pid, camid, modality)`` of every track, in reading order; ``frames`` are its images' paths.

        Where the data set says which test tracks are queries, there is also ``role``, 'query' or 'gallery'.
        """

    def list_images(self) -> list[dict]:
        return [dict(track, img_path=track['frames'][0]) for track in self.list_tracks()]

    def load_data_list(self) -> list[dict]:
        tracks = super().load_data_list()
        self.queries = np.array([track.get('role') == QUERY for track in tracks])  # (N,)
        return tracks

    def _files_of(self, image: dict) -> Sequence[str]:
        return image['frames']

    def _run_pipeline(self, info: dict) -> dict:
        """Run the pipeline on each chosen frame with the same random numbers, and stack what it gives."""
        frames = info.pop('frames')
        chosen = frame_numbers(len(frames), self.num_frames, jitter=self.subset == 'train')
        shared = SeededIndex(0, seed=(int(np.random.randint(2**31)),))
        results = []
        for number in chosen:
            shared.seed_generators()
            results.append(self.pipeline(dict(info, img_path=frames[number])))
        if 'inputs' not in results[0]:  # of a pipeline that packs nothing
            return dict(info, frames=results)
        sample: ReIDDataSample = results[0]['data_samples']
        sample.set_metainfo(dict(img_path=info['img_path']))
        inputs = torch.stack([result['inputs'] for result in results])  # (T, 3, H, W)
        if inputs.ndim != 4:
            raise ValueError(
                f'{self._title}: the pipeline makes {inputs.shape[1]} views of a frame, and the frames of a track are '
                'pooled to one row: take the views (VisibleViews) out of it.'
            )
        return dict(results[0], inputs=inputs)
