"""Printing untrusted names, so that a terminal shows control characters instead of obeying them."""

__all__ = ['printable', 'shortened']


def printable(text: object) -> str:
    r"""Text with everything that is no plain character escaped as Python writes it: ``'a\\x1b[2J.jpg'``.

    A file name may hold any character. Escape sequences can move the cursor or rename the window, and marks of writing
    direction can show a name in another order. Line breaks are escaped too, since a name belongs on one line. Every
    name from a file, folder, list or archive is printed through this function.

    Args:
        text (object): Anything that ``str`` turns into the name, such as a path or an error.
    """
    text = str(text)
    if text.isprintable():
        return text
    return ''.join(char if char.isprintable() else char.encode('unicode_escape').decode('ascii') for char in text)


def shortened(text: object, length: int = 60) -> str:
    """Quote what was found for an error message: printable, and cut after ``length`` characters."""
    text = str(text)
    return repr(text if len(text) <= length else f'{text[:length]}...')
