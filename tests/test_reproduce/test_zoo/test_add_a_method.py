"""The page about adding a method shows the code that the repository has."""

import re

from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.reproduce.zoo import count_code_lines

PAGE = (ROOT / 'docs/en/advanced_guides/add_a_method.md').read_text(encoding='utf-8')


def test_code_is_that_of_the_files_it_is_said_to_be_of():
    # the path stands last in front of the code: alone, or in the sentence
    blocks = re.findall(r'`([\w/]+\.py)`[^`]*:\n\n```python\n(.*?)```', PAGE, flags=re.DOTALL)
    assert [path.split('/')[-1] for path, _ in blocks] == [
        'hetero_center.py',
        'hc.py',
        'test_hetero_center.py',
        'hc_sysu_unified.py',
        'hc_sysu_paper.py',
    ]
    for path, code in blocks:
        assert code.strip() in (ROOT / path).read_text(encoding='utf-8'), path


def test_files_are_there_and_have_the_lines_that_it_says():
    rows = re.findall(r'^\| \d \| .*`([\w/]+\.py)` \| (\d+) \|$', PAGE, flags=re.MULTILINE)
    assert len(rows) == 3 and all(count_code_lines(ROOT / path) == int(lines) for path, lines in rows)
    named = re.findall(r'`((?:configs|haresreid|tests|tools)/[\w/.]*)`', PAGE)
    assert len(named) > 15 and all((ROOT / path).exists() for path in named)
