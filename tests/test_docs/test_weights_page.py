"""The page of pretrained weights names every file that can be named, its source, licence and normalisation."""

import pytest

from haresreid.files.paths import CONFIG_ROOT
from haresreid.models.backbones.pretrained import KNOWN
from haresreid.models.backbones.pretrained.normalization import CLIP, HALF, IMAGENET, LUPERSON

PAGE = (CONFIG_ROOT / 'docs/en/user_guides/weights.md').read_text(encoding='utf-8')
CELLS = {HALF: '127.5, 127.5', IMAGENET: "ImageNet's", CLIP: "CLIP's", LUPERSON: "LUPerson's"}


@pytest.mark.parametrize('name', KNOWN)
def test_the_table_has_a_row_for_the_file(name):
    (row,) = (line for line in PAGE.splitlines() if line.startswith('| `') and f'`{name}`' in line.split('|')[1])
    assert row.split('|')[3].strip() == KNOWN[name].licence
    assert row.split('|')[4].strip() == CELLS[KNOWN[name].normalization]
    assert KNOWN[name].page in PAGE
