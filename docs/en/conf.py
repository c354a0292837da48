"""Sphinx settings: ``sphinx-build -W docs/en build/docs``."""

project = 'haresreid'
extensions = ['myst_parser']
html_theme = 'furo'
html_title = 'haresreid'
myst_heading_anchors = 3
