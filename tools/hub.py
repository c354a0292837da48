"""The command ``haresreid hub``, from a checkout."""

from haresreid.cli.main import run_tool

if __name__ == '__main__':
    run_tool('hub')
