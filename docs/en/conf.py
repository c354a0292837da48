"""Sphinx settings: ``sphinx-build -W docs/en build/docs``."""

from haresreid import __version__

project = 'haresreid'
release = __version__
extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon', 'sphinx.ext.viewcode']
html_theme = 'furo'
html_title = 'haresreid'
html_static_path = ['_static']
myst_heading_anchors = 3
# modules, not classes, are what the pages name: members come in the order of the file, with their types in the text
autodoc_member_order = 'bysource'
autodoc_typehints = 'none'
napoleon_use_ivar = True
napoleon_use_rtype = False
