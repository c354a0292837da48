"""One module for each command of ``haresreid``, called as the command is.

Its docstring is what ``--help`` says; the first line stands in the list of commands. ``add_arguments(parser)`` adds
what the command takes, ``main(args)`` runs it. Whatever takes long to import is imported in ``main``: ``--help`` and a
mistyped option are then answered at once.
"""
