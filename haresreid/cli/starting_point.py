"""The starting point of a training: its folder, its seed, and the checkpoint that it resumes from."""

from mmengine import dist
from mmengine.config import Config
from mmengine.logging import print_log

from haresreid.files.checkpoint_file import latest_checkpoint
from haresreid.files.files import remove_leftovers

from .work_dir import choose_work_dir, claim

__all__ = ['choose_starting_point']


def choose_starting_point(cfg: Config, args) -> str | None:
    """Create the folder, find the checkpoint, and write folder and seed into the config, the same in all processes.

    Every random number of a run follows from its seed, so a resumed run takes the seed of its checkpoint.

    Args:
        cfg (Config): A config of a training.
        args: The options ``work_dir``, ``resume`` and ``seed`` of ``haresreid train``.

    Returns:
        str, optional: The checkpoint to resume from; None if the training starts from the beginning.

    Raises:
        ValueError: If ``work_dir`` holds another run that is not to be resumed, another process is at work in it, all
            its checkpoints are damaged, the run was started with a seed other than ``args.seed``, or there is no seed.
    """
    chosen = [_choose(cfg, args) if dist.is_main_process() else None]
    dist.broadcast_object_list(chosen)
    cfg.work_dir, checkpoint, begun_with = chosen[0]
    seed = cfg.randomness.get('seed') if args.seed is None else args.seed
    if checkpoint is not None:
        seed = begun_with
    if seed is None:
        raise ValueError(
            'randomness.seed is None, and without a seed a killed run cannot be continued identically: '
            'give a number with --seed'
        )
    cfg.randomness.seed = seed
    cfg.resume = False  # a config from a run's folder may have it True
    return checkpoint


def _choose(cfg: Config, args) -> tuple[str, str | None, int | None]:
    folder = choose_work_dir(cfg.filename, args.work_dir, args.resume)
    checkpoint, meta = (latest_checkpoint(folder) if args.resume else None) or (None, None)
    if checkpoint is not None and args.seed not in (None, meta['seed']):
        raise ValueError(
            f'--seed {args.seed} is given, and the run in {folder} was begun with {meta["seed"]}: '
            'leave --seed out to go on with it, or give another --work-dir to start anew'
        )
    claim(folder)
    remove_leftovers(folder)
    if checkpoint is not None:
        return str(folder), str(checkpoint), meta['seed']
    if args.resume:
        print_log(
            f'--resume: there is nothing to resume in {folder}; the training starts from the beginning', 'current'
        )
    return str(folder), None, None
