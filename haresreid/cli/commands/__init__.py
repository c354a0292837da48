"""One module for each command of ``haresreid``, with the command's name.

Its docstring is printed by ``--help``, and the docstring's first line in the list of commands.
``add_arguments(parser)`` adds the command's arguments, ``main(args)`` runs it. Slow imports are inside ``main``, so
that ``--help`` and a mistyped option are answered at once.
"""
