"""The lines of code that each method adds to the shared parts."""

import ast
import io
import tokenize
from collections.abc import Sequence
from pathlib import Path

from .metafile import Metafile

__all__ = ['SHARED', 'count_code_lines', 'lines_table']

# the folders of methods' modules; what no method claims in them is shared
SHARED = ('haresreid/models', 'haresreid/datasets/transforms')
NO_CODE = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def count_code_lines(path: Path) -> int:
    """Count the lines of a Python file that hold code: not blank, and not only a comment or docstring."""
    source = path.read_text(encoding='utf-8')
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node):
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines)


def lines_table(metafiles: Sequence[Metafile], root: Path) -> list[list[str]]:
    """Head and rows: the lines of each method in modules, base configs and leaf configs, then those of shared parts.

    A file counts only for the method that came with it, not for others that also use it.

    Args:
        metafiles (Sequence[Metafile]): The methods.
        root (Path): A checkout of the repository.
    """
    grid = [['method', 'modules', 'base configs', 'leaf configs', 'all', 'its modules']]
    for metafile in metafiles:
        code = metafile.collection['Code']
        modules = [name for name in code if name.startswith('haresreid/')]
        bases = [name for name in code if name not in modules]
        leaves = [model['Config'] for model in metafile.models]
        counts = [sum(count_code_lines(root / name) for name in names) for names in (modules, bases, leaves)]
        shown = ', '.join(f'`{Path(name).stem}`' for name in modules) or '–'
        grid.append([metafile.name, *map(str, counts), str(sum(counts)), shown])
    claimed = {name for metafile in metafiles for name in metafile.collection['Code']}
    files = [path for folder in SHARED for path in sorted((root / folder).rglob('*.py'))]
    shared = [path for path in files if path.relative_to(root).as_posix() not in claimed]
    grid.append(
        [
            'shared',
            str(sum(map(count_code_lines, shared))),
            '',
            '',
            '',
            'all others in ' + ' and '.join(f'`{folder}`' for folder in SHARED),
        ]
    )
    return grid
