from dataclasses import replace

from haresreid.reproduce.paper import paper_table
from haresreid.reproduce.zoo.paper_rows import rows_table


def by_label(grid):
    return {row[0]: row[1:] for row in grid[1:]}


def test_every_method_that_the_paper_compares_has_a_row(metafiles):
    found = by_label(rows_table(metafiles))
    for number, name in ((6, 'VI'), (7, 'VII'), (8, 'VIII')):
        named = {label for label, row in found.items() if name in row[0].split(', ')}
        assert named == {row.label for row in paper_table(f'table{number}').rows}


def test_a_row_says_what_runs_here_and_what_was_available(metafiles):
    found = by_label(rows_table(metafiles))
    assert found['DDAG'] == ['VI, VII, VIII', '`ddag`', '[mangye16/DDAG](https://github.com/mangye16/DDAG), MIT']
    assert found['DTRM'] == ['VI, VII', '`dtrm`, as described', 'no released code was found']
    assert found['FAM'] == ['VI, VII', 'no code exists', 'none was found, nor an abstract']


def test_a_metafile_takes_the_place_of_the_reason(metafiles):
    agw = next(metafile for metafile in metafiles if metafile.name == 'AGW')
    built = replace(agw, collection={**agw.collection, 'Name': 'FAM'})
    assert by_label(rows_table([*metafiles, built]))['FAM'][1] == '`agw`'
    assert 'DDAG' not in by_label(rows_table([built]))
