"""The repository's metafiles, and reading bad ones."""

import pytest
import yaml

from haresreid.converters import METHODS
from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.reproduce.paper import PAPER_TABLES, paper_table
from haresreid.reproduce.zoo import FROM_MEMORY, read_metafiles

TABLES = [f'HAResformer, {table.name}' for table in map(paper_table, PAPER_TABLES)]
SOURCES = (FROM_MEMORY, *TABLES, 'README of the official code', 'README of ZYK100/LLCM')


def test_every_method_is_listed_and_every_metafile_imported(metafiles):
    names = [metafile.path.stem for metafile in metafiles]
    assert sorted(names) == sorted(path.stem for path in (ROOT / 'configs/_base_/models').glob('*.py'))
    assert sorted(names) == sorted(path.stem for path in (ROOT / 'configs/metafiles').iterdir())


def test_every_config_of_a_method_is_a_model_and_every_model_has_its_config(metafiles):
    listed = [model['Config'] for metafile in metafiles for model in metafile.models]
    assert len(set(listed)) == len(listed)
    assert all((ROOT / config).is_file() for config in listed)  # test_configs.py loads and builds them
    needed = {path.relative_to(ROOT).as_posix() for path in (ROOT / 'configs/baselines').glob('*.py')}
    needed |= {f'configs/haresformer_{dataset}.py' for dataset in ('sysu', 'regdb', 'llcm')}
    assert needed <= set(listed)
    for metafile in metafiles:
        for model in metafile.models:
            assert model['Config'].endswith(f'/{model["Name"]}.py')
            assert 'synth' in model['Config'] or model['Name'].startswith(metafile.path.stem + '_')


def test_every_file_is_in_the_one_layout_that_the_command_writes(metafiles):
    for metafile in metafiles:
        assert metafile.path.read_text(encoding='utf-8') == metafile.text(), f'{metafile.path}: run tools/model_zoo.py'


def test_every_reported_figure_has_a_known_source_and_what_is_from_memory_is_owned_up_to(metafiles):
    for metafile in metafiles:
        for entry in metafile.collection.get('Reported', []):
            assert set(entry) == {'Dataset', 'Source', 'Metrics'} and entry['Source'] in SOURCES
            assert all(0 < figure < 100 for figure in entry['Metrics'].values())
            if entry['Source'] == FROM_MEMORY:
                assert any('reported figures' in note for note in metafile.collection['From Memory'])


def test_figures_said_to_be_a_table_of_the_paper_are_those_of_the_table(metafiles):
    compared = 0
    for metafile in metafiles:
        for entry in metafile.collection.get('Reported', []):
            if entry['Source'] in TABLES:
                table = paper_table(PAPER_TABLES[TABLES.index(entry['Source'])])
                (row,) = (row for row in table.rows if row.label == metafile.name)
                assert entry['Metrics'] == row.values
                compared += 1
    assert (
        compared == 16
    )  # AGW, DDAG, LbA, HC-Tri, JSIA-ReID, DFLN-ViT, HAResformer on two sets, PMT on RegDB, HAResformer on LLCM


def test_the_two_versions_of_llcms_figures_never_share_a_table(metafiles):
    protocols = {}
    for metafile in metafiles:
        for entry in metafile.collection.get('Reported', []):
            protocols.setdefault(entry['Dataset'], set()).update(key.rsplit('/', 1)[0] for key in entry['Metrics'])
            # the figures of its README are the exchanged ones, whoever's they are
            assert (entry['Source'] == 'README of ZYK100/LLCM') == ('llcm/v2i-legacy/R1' in entry['Metrics'])
    assert not any({'llcm/v2i', 'llcm/v2i-legacy'} <= names for names in protocols.values())
    assert {dataset: names for dataset, names in protocols.items() if 'LLCM' not in dataset} == {
        'SYSU-MM01': {'sysu/all', 'sysu/indoor'},
        'SYSU-MM01, without labels': {'sysu/all', 'sysu/indoor'},
        'RegDB': {'regdb/v2i', 'regdb/i2v'},
        'RegDB, without labels': {'regdb/v2i', 'regdb/i2v'},
    }


def test_converters_are_those_that_there_are(metafiles):
    codes = {metafile.path.stem: metafile.collection.get('Official Code', {}) for metafile in metafiles}
    converters = {name: code['Converter'] for name, code in codes.items() if 'Converter' in code}
    assert converters == {name: name for name in METHODS}
    assert all(code['License'] for code in codes.values() if code)


def test_our_results_have_a_mean_and_a_spread_over_seeds_and_say_what_made_them(metafiles):
    for metafile in metafiles:
        for model in metafile.models:
            for result in model.get('Results', []):
                assert set(result) == {'Task', 'Dataset', 'Metrics', 'Spread', 'Seeds', 'Command'}
                assert result['Metrics'].keys() == result['Spread'].keys()
                assert all(0 <= figure <= 100 for figure in result['Metrics'].values())
                assert result['Seeds'] == sorted(set(result['Seeds'])) and result['Command'].startswith('python tools/')


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda content: content['Collections'][0].update(Papper={}), "unknown key 'Papper': did you mean 'Paper'"),
        (lambda content: content['Models'][0].pop('Config'), "toy_sysu has no 'Config'"),
        (
            lambda content: content['Models'][0].update({'In Collection': 'AGW'}),
            "in the collection 'AGW', not in 'Toy'",
        ),
    ],
)
def test_a_bad_metafile_is_refused(tmp_path, change, message):
    content = dict(
        Collections=[dict(Name='Toy', Code=[])],
        Models=[{'Name': 'toy_sysu', 'In Collection': 'Toy', 'Config': 'toy.py'}],
    )
    (tmp_path / 'index.yml').write_text('Import: [toy.yml]')
    with pytest.raises(FileNotFoundError, match='imports .*toy.yml, which is not there'):
        read_metafiles(tmp_path / 'index.yml')
    (tmp_path / 'toy.yml').write_text(yaml.safe_dump(content))
    assert [metafile.name for metafile in read_metafiles(tmp_path / 'index.yml')] == ['Toy']
    change(content)
    (tmp_path / 'toy.yml').write_text(yaml.safe_dump(content))
    with pytest.raises(ValueError, match=message):
        read_metafiles(tmp_path / 'index.yml')


@pytest.mark.parametrize(
    'content, message',
    [
        (b'Collections:\n- Name: [', r'toy\.yml, line 2: this is no YAML'),
        ('Collections: []\nModels: [Jürgen]'.encode('cp1252'), r'toy\.yml, line 2: this is no text in UTF-8'),
        (b'- Name', r"toy\.yml has no list 'Collections'"),
        (b'Collections: [{Name: A}]', r"toy\.yml has no list 'Models'"),
        (b'Collections: []\nModels: []', r'toy\.yml holds 0 collections: a metafile is of one'),
    ],
)
def test_what_is_no_metafile_is_named_with_its_line(tmp_path, content, message):
    (tmp_path / 'index.yml').write_text('Import: [toy.yml]')
    (tmp_path / 'toy.yml').write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_metafiles(tmp_path / 'index.yml')
