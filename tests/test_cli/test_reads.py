"""What a start reads, it reads once: each checkpoint, and the files of each subset."""

from collections import Counter
from pathlib import Path

import pytest
import torch

from haresreid.apis import load_trained
from haresreid.cli import main
from haresreid.datasets import SynthVIReID
from haresreid.files import checkpoint_file

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
TINY = [
    '--cfg-options',
    *(f'{loader}.dataset.{entry}' for loader in LOADERS for entry in ('data_root=data', 'num_ids=(8,0,8)')),
    *(f'{loader}.num_workers=0' for loader in LOADERS),
    *(f'{loader}.persistent_workers=False' for loader in LOADERS),
    'train_dataloader.sampler.num_ids=4',
    'val_evaluator.references=[]',
    'test_evaluator.references=[]',
]


@pytest.fixture(scope='module')
def start(tmp_path_factory):
    """``start(*arguments)`` runs a command and counts the checkpoints that it reads and the subsets that it lists."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp('user'))
        for picture in ('draw_ranked_lists', 'draw_training_curves'):
            patch.setattr(f'haresreid.engine.hooks.run_report_hook.{picture}', lambda *args: None)
        read_pth, list_images = checkpoint_file._read_pth, SynthVIReID.list_images
        counts = Counter()

        def counted_read(path, *args):
            counts[path.name] += 1
            return read_pth(path, *args)

        def counted_list(dataset):
            counts[dataset.subset] += 1
            return list_images(dataset)

        patch.setattr(checkpoint_file, '_read_pth', counted_read)
        patch.setattr(SynthVIReID, 'list_images', counted_list)

        def start(*arguments, options=()):
            counts.clear()
            patch.setattr('sys.argv', ['haresreid', *arguments, *TINY, *options])
            main.main()
            return dict(counts)

        start.counts = counts
        yield start


@pytest.fixture(scope='module')
def trained(start):
    counts = start('train', 'haresformer_synth', '--work-dir', 'run', options=['train_cfg.max_epochs=1'])
    return counts, Path('run/epoch_1.pth')


def test_a_training_lists_each_subset_once(trained):
    counts, checkpoint = trained
    assert counts == dict(train=1, test=1) and checkpoint.exists()


def test_a_resumed_training_reads_its_checkpoint_once(start, trained):
    counts = start('train', 'haresformer_synth', '--work-dir', 'run', '--resume', options=['train_cfg.max_epochs=2'])
    assert counts == {'train': 1, 'test': 1, 'epoch_1.pth': 1} and Path('run/epoch_2.pth').exists()


def test_a_test_reads_its_checkpoint_once(start, trained):
    assert start('test', 'haresformer_synth', str(trained[1])) == {'test': 1, 'epoch_1.pth': 1}


def test_a_figure_reads_its_checkpoint_once(start, trained):
    start.counts.clear()
    load_trained('run/haresformer_synth.py', str(trained[1]))
    assert start.counts == {'epoch_1.pth': 1}


def test_a_file_that_was_written_in_between_is_read_anew(tmp_path):
    file = tmp_path / 'epoch_1.pth'
    for value in (0, 1):
        torch.save(dict(state_dict={}, meta=dict(value=value)), file)
        checkpoint_file.peek_checkpoint(file)
    torch.save(dict(state_dict={}, meta=dict(value=2, other=[0] * 100)), file)
    assert checkpoint_file.read_checkpoint(file)['meta']['value'] == 2
