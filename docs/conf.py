"""How the documentation becomes a site that opens without a network.

`uv run --group docs sphinx-build -W docs build/site`, then open build/site/index.html. The gallery
shows notebooks as they ran; what no test has run yet is run, unless `-D gallery_runs=0`.
"""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project, author = "Tiermix", "the Tiermix authors"
version = release = installed("tiermix")
language = "en"
extensions = [
    "sphinx.ext.autodoc",
    "myst_nb",
    "sphinx_copybutton",
    "sphinx_design",
    "docs.extensions.docstrings",
    "docs.extensions.faces",
    "docs.extensions.gallery",
]
exclude_patterns = ["extensions"]
highlight_language = "text"  # blocks without a language are typed in a terminal, or are formulas

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # `gallery` has run them
nb_mime_priority_overrides = [("html", "image/svg+xml", 0)]

autodoc_typehints = "signature"
autodoc_preserve_defaults = True
default_role = "literal"  # docstrings put code in single backticks, as Markdown does

html_theme = "furo"
html_title = "Tiermix"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # a browser does not let a file read its neighbours
html_theme_options = {"sidebar_hide_name": False}
html_last_updated_fmt = None
