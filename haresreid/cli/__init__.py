"""Shared parts of the commands: arguments, errors, processes and work directories."""
