"""Relative links of the pages that Sphinx does not read, or reads from another folder, lead to something."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r'\]\((?!https?://)([^)#\s]*)(#[\w-]+)?\)')
HEADING = re.compile(r'^#+ (.*)$', re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """GitHub's anchors of a page's headings: lower case, punctuation gone, spaces as hyphens."""
    headings = HEADING.findall(page.read_text(encoding='utf-8'))
    return {'#' + re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in headings}


@pytest.mark.parametrize('page', ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'])
def test_links_of(page):
    text = (ROOT / page).read_text(encoding='utf-8')
    for test in re.findall(r'`(tests/[\w/]+\.py)`', text):
        assert (ROOT / test).exists(), test
    for path, anchor in LINK.findall(text):
        target = ROOT / path if path else ROOT / page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f'{path}{anchor}'
