"""The command ``haresreid calibrate``, from a checkout."""

from haresreid.cli.main import run_tool

if __name__ == '__main__':
    run_tool('calibrate')
