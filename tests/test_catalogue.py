import subprocess
import sys

import pytest

from haresreid import checking, datasets
from haresreid.catalogue import CATALOGUE, LAYOUTS, OWN, PROTOCOL_NAMES, default_protocols, layout_of
from haresreid.evaluation import protocol_by_name

SETS = dict(
    sysu=datasets.SYSUMM01,
    regdb=datasets.RegDB,
    llcm=datasets.LLCM,
    vcm=datasets.HITSZVCM,
    bupt=datasets.BUPTCampus,
)


def test_it_imports_neither_pytorch_nor_numpy():
    code = 'import sys, haresreid.catalogue; sys.exit(bool({"torch", "numpy"} & set(sys.modules)))'
    assert subprocess.run([sys.executable, '-c', code]).returncode == 0


@pytest.mark.parametrize('layout', LAYOUTS)
def test_the_numbers_of_an_entry_agree_with_each_other(layout):
    entry = CATALOGUE[layout]
    assert set(entry.default_protocols) | set(entry.gallery_sizes) <= set(entry.protocols) <= set(PROTOCOL_NAMES)
    if entry.test_cameras:
        images = {
            modality: sum(entry.test_cameras[camid][1] for camid in camids)
            for modality, camids in entry.cameras.items()
        }
        assert images == {modality: entry.counts['test'][modality] for modality in entry.cameras}
    lists = {
        subset: [n for path, n in entry.list_ids.items() if (subset == 'test') == ('test' in path)]
        for subset in entry.counts
    }
    assert all(sum(numbers) == entry.counts[subset]['ids'] for subset, numbers in lists.items() if numbers)


@pytest.mark.parametrize('layout', LAYOUTS)
def test_a_data_set_is_told_by_what_its_features_record(layout):
    assert layout_of(SETS[layout].METAINFO) == layout
    assert layout_of(dict(dataset='SynVI', layout=layout)) == layout
    assert checking.LAYOUTS[layout].title == SETS[layout].METAINFO['dataset']
    assert {protocol_by_name(name).dataset for name in default_protocols(layout)} == {layout}


def test_a_users_own_data_and_data_of_which_nothing_is_recorded():
    assert layout_of(datasets.ManifestDataset.METAINFO) == OWN
    assert {protocol_by_name(name).dataset for name in default_protocols(OWN)} == {OWN}
    assert layout_of({}) is None
