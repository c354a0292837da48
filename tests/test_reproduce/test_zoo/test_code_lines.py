from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.reproduce.zoo import count_code_lines, lines_table

SOURCE = '''"""A module,

over three lines."""

import os  # counts


# does not count
class A:
    """Docstring."""

    def method(self):
        """Docstring,
        of two lines."""
        return os.path.join(
            'counts',

            'counts too')


TEXT = """no docstring:

three lines"""
'''


def test_lines_that_hold_code(tmp_path):
    (tmp_path / 'a.py').write_text(SOURCE)
    # import, class, def, return with its two arguments, TEXT with its three
    assert count_code_lines(tmp_path / 'a.py') == 9


def test_every_file_counts_once(metafiles):
    claimed = [name for metafile in metafiles for name in metafile.collection['Code']]
    assert len(set(claimed)) == len(claimed) and all((ROOT / name).is_file() for name in claimed)
    bases = {path.relative_to(ROOT).as_posix() for path in (ROOT / 'configs/_base_/models').glob('*.py')}
    assert bases <= set(claimed)


def test_all_that_is_there_is_either_a_methods_or_shared(metafiles):
    head, *rows, shared = lines_table(metafiles, ROOT)
    assert [row[0] for row in rows] == [metafile.name for metafile in metafiles] and head[1] == 'modules'
    folders = ('haresreid/models', 'haresreid/datasets/transforms')
    files = [path for folder in folders for path in (ROOT / folder).rglob('*.py')]
    assert sum(int(row[1]) for row in (*rows, shared)) == sum(map(count_code_lines, files))


def test_a_method_of_more_than_200_lines_says_why(metafiles):
    totals = {row[0]: int(row[4]) for row in lines_table(metafiles, ROOT)[1:-1]}
    long = [metafile.name for metafile in metafiles if 'Why So Long' in metafile.collection]
    assert [name for name, total in totals.items() if total > 200] == long
