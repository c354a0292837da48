"""A seal notices what was changed."""

import json

from haresreid.evaluation.seal import is_sealed, sealed

CONTENT = dict(protocols={'sysu/all': dict(ours=dict(mean=dict(R1=0.1 + 0.2), trials=(0, 1)))}, data=dict(a=1))


def test_a_seal_survives_the_file_and_the_order_of_keys():
    read = json.loads(json.dumps(sealed(CONTENT), indent=2))
    assert is_sealed(read) and is_sealed(dict(reversed(read.items())))
    assert sealed(read) == read  # sealed twice is sealed once


def test_a_changed_figure_breaks_it():
    content = json.loads(json.dumps(sealed(CONTENT)))
    content['protocols']['sysu/all']['ours']['mean']['R1'] += 1e-15
    assert not is_sealed(content) and not is_sealed(CONTENT)
