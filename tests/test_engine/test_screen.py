import logging
import subprocess
import sys

import pytest
from mmengine.logging import MMLogger, print_log

from haresreid.engine.screen import calm


@pytest.fixture
def logger(tmp_path, request):
    made = MMLogger.get_instance(request.node.name, log_file=str(tmp_path / 'a.log'))
    calm(made)
    calm(made)  # twice changes nothing
    return made


def said_by(module: str, logger: MMLogger, message: str, level: int = logging.INFO) -> None:
    """As if that module had logged it."""
    exec(
        'print_log(message, logger, level)',
        dict(__name__=module, print_log=print_log, message=message, logger=logger, level=level),
    )


@pytest.mark.parametrize(
    'module, level, shown',
    [
        ('mmengine.runner.runner', logging.INFO, False),
        ('mmengine.runner.runner', logging.WARNING, True),
        ('mmpretrain.models', logging.ERROR, True),
        ('haresreid.engine.hooks.run_report_hook', logging.INFO, True),
        ('haresreid.evaluation.metrics.vireid_metric', logging.INFO, False),
        ('haresreid.evaluation.metrics.vireid_metric', logging.WARNING, True),
        ('haresreid.engine.hooks.branch_hook', logging.INFO, False),
        ('haresreid.engine.hooks.branch_hook', logging.WARNING, True),
        ('hooks_of_a_user', logging.INFO, True),
    ],
)
def test_who_stands_on_the_screen(module, level, shown, logger, tmp_path, capsys):
    for handler in logger.handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(sys.stdout)  # the one that is captured
    said_by(module, logger, 'Config: 1', level)
    prefix = '' if level == logging.INFO else f'{logging.getLevelName(level).lower()}: '
    assert capsys.readouterr().out == (f'{prefix}Config: 1\n' if shown else '')
    assert 'Config: 1' in (tmp_path / 'a.log').read_text()


@pytest.mark.parametrize(
    'message, shown',
    [
        ('"FileClient" will be deprecated in future.', False),
        ('head.bnneck.bias is skipped since its requires_grad=False', False),
        ('backbone.layer1.bias is skipped since its requires_grad=False', True),
        ('Something will be deprecated', True),
    ],
)
def test_harmless_warnings_are_known_one_by_one(message, shown, logger, tmp_path, capsys):
    for handler in logger.handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(sys.stdout)
    said_by('mmengine.hooks', logger, message, logging.WARNING)
    assert (message in capsys.readouterr().out) == shown
    assert message in (tmp_path / 'a.log').read_text()


def test_python_s_own_warnings_stay_but_for_the_harmless_ones():
    code = (
        'import haresreid, warnings; warnings.warn("Fail to import ``MultiScaleDeformableAttention`` from x"); '
        'warnings.warn("look here")'
    )
    said = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stderr
    assert 'look here' in said and 'MultiScale' not in said
