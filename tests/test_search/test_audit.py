import getpass
import json
import multiprocessing
import os

import pytest

from haresreid.search.audit import Audit, audit_file, who_asks


def test_it_is_on_where_its_file_is(tmp_path, monkeypatch):
    gallery = str(tmp_path / 'gallery')
    assert audit_file(gallery) is None and audit_file('milvus://host:1/gallery') is None
    (tmp_path / 'gallery_audit.jsonl').touch()
    for uri in (gallery, f'{gallery}/', f'lancedb://{gallery}'):
        assert audit_file(uri) == tmp_path / 'gallery_audit.jsonl'
    (tmp_path / 'gallery').mkdir()
    (tmp_path / 'link').symlink_to('gallery')
    monkeypatch.chdir(tmp_path / 'gallery')
    for uri in ('.', '../gallery/.', '../link'):
        assert audit_file(uri).samefile(tmp_path / 'gallery_audit.jsonl')
    assert str(audit_file('s3://bucket/gallery', '/var/audit.jsonl')) == '/var/audit.jsonl'


def test_a_line_says_who_asked_what(tmp_path, monkeypatch):
    file = tmp_path / 'logs/audit.jsonl'
    Audit(file, 'gallery', 'ana').write(['a.jpg', 'b"\udc80.jpg'], [3, 0], cameras=[1], since=None)
    first, second = map(json.loads, file.read_text().splitlines())
    assert first.pop('when').endswith('Z')
    assert first == dict(who='ana', gallery='gallery', query='a.jpg', hits=3, cameras=[1])
    assert second['query'] == 'b"\udc80.jpg' and second['hits'] == 0
    assert oct(file.stat().st_mode)[-3:] == '600'
    Audit(None, 'gallery', 'ana').write(['a.jpg'], [3])
    (tmp_path / 'folder').mkdir()
    with pytest.raises(OSError, match='folder'):
        Audit(tmp_path / 'folder', 'gallery', 'ana')
    monkeypatch.setenv('HARESREID_USER', 'ben')
    assert (who_asks(), who_asks('ana')) == ('ben', 'ana')


def write(file):
    for number in range(50):
        Audit(file, 'gallery', 'ana').write(['x' * 300] * 3, [number] * 3)


def test_lines_of_several_processes_do_not_mix(tmp_path):
    file = tmp_path / 'audit.jsonl'
    children = [multiprocessing.get_context('fork').Process(target=write, args=(file,)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert len([json.loads(line) for line in file.read_text().splitlines()]) == 450


def test_a_full_disk_and_a_user_without_a_name(tmp_path, monkeypatch):
    audit = Audit(tmp_path / 'audit.jsonl', 'gallery', 'ana')
    with monkeypatch.context() as patch, pytest.raises(OSError, match='No space left'):
        patch.setattr(os, 'write', lambda descriptor, content: len(content) - 1)
        audit.write(['a.jpg'], [3])
    monkeypatch.delenv('HARESREID_USER', raising=False)
    monkeypatch.setattr(getpass, 'getuser', lambda: {}['uid not found'])
    assert who_asks() == str(os.getuid())
