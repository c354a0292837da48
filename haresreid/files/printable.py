"""Names that come from outside, such that a terminal shows them and does not obey them."""

__all__ = ['printable', 'shortened']


def printable(text: object) -> str:
    r"""Text with everything that is no plain character escaped as Python writes it: ``'a\\x1b[2J.jpg'``.

    A file name may hold any character. Escape sequences move the cursor or rename the window, and marks of writing
    direction show a name in another order. Line breaks are escaped too, for a name belongs on one line. Whatever prints
    a name, from a file or a folder, a list or an archive, prints it through this function.

    Args:
        text (object): The name, as ``str`` gives it: a path, an error.
    """
    text = str(text)
    if text.isprintable():
        return text
    return ''.join(char if char.isprintable() else char.encode('unicode_escape').decode('ascii') for char in text)


def shortened(text: object, length: int = 60) -> str:
    """What was found, in quotation marks, for a sentence about it: printable, and cut after so many characters."""
    text = str(text)
    return repr(text if len(text) <= length else f'{text[:length]}...')
