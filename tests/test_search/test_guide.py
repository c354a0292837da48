"""The Python blocks of docs/en/user_guides/search.md run."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / 'docs/en/user_guides/search.md'


def test_the_blocks_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r'```python\n(.*?)```', PAGE.read_text('utf-8'), re.DOTALL)
    names = {}
    for block in blocks:
        exec(compile(block, PAGE.name, 'exec'), names)
    assert len(names['index']) == 900 and names['index'].kind == 'hnsw'
    output = capsys.readouterr().out
    assert '2026-11-24T10:15:00Z' in output and output.endswith('\n1000 980\n')
