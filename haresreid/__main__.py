"""``python -m haresreid``, and the program of processes that a command starts.

These run this file by its path. They then import the package of the process that started them, whatever the working
directory holds.
"""

import sys
from pathlib import Path

if __name__ == '__main__':
    if not __package__:  # run by its path: the modules beside this file are no modules of their own
        sys.path[0] = str(Path(__file__).parents[1])
    from haresreid.cli.main import main

    main()
