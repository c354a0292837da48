"""The command ``haresreid parts``, from a checkout."""

from haresreid.cli.main import run_tool

if __name__ == '__main__':
    run_tool('parts')
