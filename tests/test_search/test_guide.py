"""The Python block of docs/en/user_guides/search.md runs."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / 'docs/en/user_guides/search.md'


def test_the_block_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r'```python\n(.*?)```', PAGE.read_text('utf-8'), re.DOTALL)
    names = {}
    exec(compile(block, PAGE.name, 'exec'), names)
    assert len(names['index']) == 900 and names['index'].kind == 'hnsw'
    assert '2026-11-24T10:15:00Z' in capsys.readouterr().out
