import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from haresreid.files.files import new_part
from haresreid.synvi import SynVISpec, is_complete, write_synvi, writer

SPEC = SynVISpec(num_ids=(2, 1, 2), images_per_camera=1, size=(48, 24))


def digest(root):
    """Hash of every file, by its path."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob('*'))
        if path.is_file()
    }


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp('whole') / 'synvi'
    write_synvi(root, SPEC, workers=1)
    return root


def test_files_do_not_depend_on_the_number_of_workers(whole, tmp_path):
    write_synvi(tmp_path / 'synvi', SPEC, workers=2)
    assert digest(tmp_path / 'synvi') == digest(whole)
    assert os.listdir(tmp_path) == ['synvi']


def test_a_finished_set_is_left_as_it_is(whole, monkeypatch):
    monkeypatch.setattr(writer, '_write_part', lambda *args: pytest.fail('drawn again'))
    write_synvi(whole, SPEC)


def test_an_interrupted_run_leaves_no_set_and_is_resumed(whole, tmp_path, monkeypatch):
    root, drawn, draw = tmp_path / 'synvi', [], writer.render_image

    def interrupted_draw(*args):
        drawn.append(args)
        if len(drawn) == 10:
            raise KeyboardInterrupt
        return draw(*args)

    monkeypatch.setattr(writer, 'render_image', interrupted_draw)
    with pytest.raises(KeyboardInterrupt):
        write_synvi(root, SPEC, workers=1)
    assert not root.exists() and not is_complete(root, SPEC)
    write_synvi(root, SPEC, workers=1)
    assert digest(root) == digest(whole)
    assert len(drawn) == 10 + sum(path.endswith('.jpg') for path in digest(whole)) - 9


def test_a_file_that_a_dying_worker_begins_meanwhile_is_removed(whole, tmp_path, monkeypatch):
    draw = writer.render_image

    def draw_beside_a_dying_worker(*args):
        new_part(next((tmp_path / 'synvi.part').glob('cam*')) / '0001.jpg')
        return draw(*args)

    monkeypatch.setattr(writer, 'render_image', draw_beside_a_dying_worker)
    write_synvi(tmp_path / 'synvi', SPEC, workers=1)
    assert digest(tmp_path / 'synvi') == digest(whole)


def test_a_killed_run_is_resumed(tmp_path):
    """SIGKILL in mid-generation, workers included; the next run ends with the same files as an undisturbed one."""
    spec = SynVISpec(num_ids=(10, 0, 10), images_per_camera=2, size=(48, 24))
    root = tmp_path / 'synvi'
    command = (
        f'from haresreid.synvi import *\nif __name__ == "__main__": write_synvi({str(root)!r}, {spec!r}, workers=2)'
    )
    script = tmp_path / 'draw.py'
    script.write_text(command)
    process = subprocess.Popen([sys.executable, script], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    part, deadline = tmp_path / 'synvi.part', time.time() + 120
    while process.poll() is None and not any(part.glob('cam*/*/*.jpg')) and time.time() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL if hasattr(signal, 'SIGKILL') else signal.SIGTERM)
    process.wait()
    assert part.exists() and not root.exists()
    write_synvi(root, spec, workers=1)
    write_synvi(tmp_path / 'undisturbed', spec, workers=1)
    assert digest(root) == digest(tmp_path / 'undisturbed')


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / 'mine').write_text('before')
    (tmp_path / 'synvi.lock').symlink_to(tmp_path / 'mine')
    with pytest.raises(OSError, match='synvi.lock'):
        write_synvi(tmp_path / 'synvi', SPEC)
    assert (tmp_path / 'mine').read_text() == 'before'


def test_another_set_is_refused_and_untouched(whole):
    before = digest(whole)
    with pytest.raises(ValueError, match='another SynVI set .seed=0 instead of 1'):
        write_synvi(whole, SynVISpec(num_ids=(2, 1, 2), images_per_camera=1, size=(48, 24), seed=1))
    assert digest(whole) == before


def test_another_generator_version_is_another_set(whole, tmp_path):
    root = tmp_path / 'synvi'
    root.mkdir()
    marker = json.loads((whole / writer.MARKER).read_text())
    (root / writer.MARKER).write_text(json.dumps(dict(marker, generator='synvi-0')))
    with pytest.raises(ValueError, match='generator=synvi-0'):
        write_synvi(root, SPEC)


def test_a_folder_that_is_not_synvi_is_refused_and_untouched(tmp_path):
    (tmp_path / 'holiday.jpg').write_text('mine')
    with pytest.raises(ValueError, match='not a SynVI set'):
        write_synvi(tmp_path, SPEC)
    assert os.listdir(tmp_path) == ['holiday.jpg']


def test_an_empty_folder_is_taken(tmp_path):
    spec = SynVISpec(num_ids=(1, 0, 0), images_per_camera=1, size=(48, 24))
    write_synvi(tmp_path / 'data', spec)
    (tmp_path / 'empty').mkdir()
    write_synvi(tmp_path / 'empty', spec)
    assert digest(tmp_path / 'empty') == digest(tmp_path / 'data')
