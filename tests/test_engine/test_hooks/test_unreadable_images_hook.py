import logging
from types import SimpleNamespace

from mmengine.logging import MMLogger

from haresreid.engine.hooks.unreadable_images_hook import UnreadableImagesHook
from haresreid.structures import ReIDDataSample


def batch(*unreadable):
    return dict(
        data_samples=[ReIDDataSample(metainfo=dict(pid=1))] * 2
        + [ReIDDataSample(metainfo=dict(pid=1, stands_in_for=path)) for path in unreadable]
    )


def test_names_once_and_counts_every_epoch():
    logger = MMLogger.get_instance('test_unreadable_images_hook')
    records = []
    logger.addHandler(logging.Handler())
    logger.handlers[-1].emit = lambda record: records.append(record.getMessage())
    hook = UnreadableImagesHook()
    for epoch, batches in enumerate([[batch('b', 'a'), batch('b')], [batch()], [batch('c', 'b')]]):
        runner = SimpleNamespace(epoch=epoch)
        for number, data in enumerate(batches):
            hook.after_train_iter(runner, number, data)
        hook.after_train_epoch(runner)
    stood_in = 'times another image of the same person and modality stood in for one of'
    assert records == [
        'a cannot be decoded',
        'b cannot be decoded',
        f'Epoch 1: 3 {stood_in} 2 that cannot be decoded',
        'c cannot be decoded',
        f'Epoch 3: 2 {stood_in} 2 that cannot be decoded',
    ]
