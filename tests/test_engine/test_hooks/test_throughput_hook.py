import json
import os
import re
from pathlib import Path

import pytest
from mmengine.hooks import IterTimerHook

from haresreid.engine import ThroughputHook

BATCH = 4


class Clock(IterTimerHook):
    """Says that the steps took 1 s, 2 s, 3 s, ... and a quarter of it waiting."""

    def _before_iter(self, runner, batch_idx, data_batch=None, mode='train'):
        runner.message_hub.update_scalar(f'{mode}/data_time', 0.25 * (batch_idx + 1))

    def _after_iter(self, runner, batch_idx, data_batch=None, outputs=None, mode='train'):
        runner.message_hub.update_scalar(f'{mode}/time', 1.0 * (batch_idx + 1))
        runner.message_hub.update_info('eta', 0)


def test_what_is_logged_is_what_the_clock_says(train):
    runner = train(dict(timer=dict(type=Clock), throughput=dict(type=ThroughputHook)))
    (file,) = Path(runner.work_dir).glob('*/vis_data/scalars.json')
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert [record['step'] for record in records] == [2, 4, 6, 8]
    for record in records:
        seconds = sum(range(1, record['step'] + 1)) / record['step']  # MMEngine's mean over up to ten steps
        assert record['time'] == pytest.approx(seconds)
        assert record['images_per_s'] == pytest.approx(BATCH / seconds)
        assert record['data_wait'] == pytest.approx(0.25)
        # this very process: neither a few pages nor more than the machine has
        machine = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**20
        assert 50 < record['memory'] < machine


def test_the_log_line_stays_one_line(train):
    runner = train(dict(throughput=dict(type=ThroughputHook)))
    (file,) = Path(runner.work_dir).glob('*/*.log')
    lines = [line for line in file.read_text().splitlines() if 'Epoch(train)' in line]
    assert len(lines) == 4
    for line in lines:
        assert re.search(r'images_per_s: [\d.]+  data_wait: 0\.\d+  memory: [\d.]+', line) and len(line) < 250, line
