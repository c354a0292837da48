import pytest

from haresreid.reproduce.paper import PAPER_TABLES, paper_table

SYSU, REGDB = ('sysu/all/R1', 'sysu/all/mAP'), ('regdb/v2i/R1', 'regdb/v2i/mAP')


def values(table: str, row: int, columns: tuple[str, ...] = SYSU + REGDB) -> list[float]:
    return [paper_table(table).rows[row - 1].values[column] for column in columns]


@pytest.mark.parametrize(
    'name, num_rows, num_columns, num_values',
    [
        ('table2', 4, 4, 16),
        ('table3', 11, 4, 44),
        ('table4', 6, 4, 24),
        ('table5', 3, 6, 18),
        ('table6', 16, 8, 120),
        ('table7', 17, 8, 116),
        ('table8', 3, 8, 24),
        ('fig6', 8, 8, 8),
    ],
)
def test_every_figure_is_there(name, num_rows, num_columns, num_values):
    table = paper_table(name)
    assert [row.number for row in table.rows] == list(range(1, num_rows + 1))
    assert len(set(table.columns)) == num_columns
    assert sum(len(row.values) for row in table.rows) == num_values
    assert len({row.label for row in table.rows}) == num_rows


def test_rows_that_the_paper_repeats():
    assert values('table3', 4, SYSU) == values('table4', 3, SYSU)
    assert values('table3', 10, REGDB) == values('table4', 3, REGDB)
    assert values('table3', 8) == values('table2', 4)
    assert values('table2', 3) == values('table4', 2)
    assert values('table4', 6) == values('table5', 1)
    assert values('table4', 6, SYSU) == values('table6', 16, SYSU) == values('fig6', 2, SYSU)
    assert values('table4', 6, REGDB) == values('table7', 17, REGDB) == values('fig6', 1, REGDB)


@pytest.mark.parametrize('name', PAPER_TABLES)
def test_a_longer_list_holds_no_fewer_hits(name):
    for row in paper_table(name).rows:
        assert all(0 < value < 100 for key, value in row.values.items() if not key.startswith('cost'))
        for protocol in {key.rsplit('/', 1)[0] for key in row.values}:
            curve = [row.values[f'{protocol}/R{rank}'] for rank in (1, 10, 20) if f'{protocol}/R{rank}' in row.values]
            assert curve == sorted(curve), (row.label, protocol)


@pytest.mark.parametrize(
    'better, worse, key, gain',
    [
        # the differences that section IV states, which no misread figure would keep
        (('table2', 2), ('table2', 1), 'sysu/all/R1', 6.12),
        (('table2', 2), ('table2', 1), 'sysu/all/mAP', 4.18),
        (('table2', 2), ('table2', 1), 'regdb/v2i/R1', 23.80),
        (('table2', 2), ('table2', 1), 'regdb/v2i/mAP', 20.36),
        (('table2', 4), ('table2', 3), 'sysu/all/R1', 0.55),
        (('table2', 4), ('table2', 3), 'sysu/all/mAP', 1.69),
        (('table2', 4), ('table2', 3), 'regdb/v2i/R1', 1.15),
        (('table2', 4), ('table2', 3), 'regdb/v2i/mAP', 1.25),
        (('table4', 3), ('table4', 2), 'sysu/all/R1', 3.55),
        (('table4', 3), ('table4', 2), 'sysu/all/mAP', 3.73),
        (('table4', 3), ('table4', 2), 'regdb/v2i/R1', 1.75),
        (('table4', 3), ('table4', 2), 'regdb/v2i/mAP', 2.35),
        (('table4', 6), ('table4', 3), 'sysu/all/R1', 1.92),
        (('table4', 6), ('table4', 3), 'sysu/all/mAP', 0.41),
        (('table4', 6), ('table4', 3), 'regdb/v2i/R1', 0.69),
        (('table6', 16), ('table6', 8), 'sysu/all/mAP', 1.74),
        (('table6', 16), ('table6', 14), 'sysu/all/R1', 0.62),
        (('table6', 16), ('table6', 12), 'sysu/all/R1', 6.08),
        (('table6', 16), ('table6', 12), 'sysu/indoor/R1', 5.56),
        (('table7', 17), ('table7', 4), 'regdb/v2i/R1', 2.39),
        (('table7', 17), ('table7', 4), 'regdb/v2i/mAP', 3.73),
        (('table7', 17), ('table7', 12), 'regdb/i2v/R1', -0.18),
        (('table7', 17), ('table7', 12), 'regdb/i2v/mAP', 2.56),
        (('table7', 17), ('table7', 13), 'regdb/v2i/R1', 13.09),
        (('table7', 17), ('table7', 13), 'regdb/i2v/R1', 11.66),
        (('table8', 3), ('table8', 2), 'llcm/v2i/R1', 2.30),
        (('table8', 3), ('table8', 2), 'llcm/v2i/mAP', 1.14),
        (('table8', 3), ('table8', 2), 'llcm/i2v/R1', 0.86),
    ],
)
def test_gains_that_the_text_states(better, worse, key, gain):
    difference = values(*better, (key,))[0] - values(*worse, (key,))[0]
    assert difference == pytest.approx(gain, abs=1e-6)


def test_an_unknown_table_is_refused():
    with pytest.raises(ValueError, match="the paper has no 'table9'; there are table2, .*fig6"):
        paper_table('table9')
