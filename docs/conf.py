"""How Sphinx builds the documentation: ``make docs``, every warning an error."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # For docs.ext, and examples.

# The drawings play refused requests; what is logged of them is not about the build.
logging.getLogger("flask_cors_policy").addHandler(logging.NullHandler())

project = "flask_cors_policy"
author = "the flask_cors_policy maintainers"
project_copyright = "the flask_cors_policy maintainers"
release = version_of("flask_cors_policy")
version = release

extensions = [
    "docs.ext.directives",
    "myst_parser",
    "pallets_sphinx_themes",
    "sphinx.ext.autodoc",
]
exclude_patterns = ["_build", "theme", "data"]
myst_enable_extensions = [
    "attrs_block",
    "attrs_inline",
    "colon_fence",
    "deflist",
]
myst_heading_anchors = 4
# Quotes and dashes of messages, origins and commands stay as they are.
smartquotes = False
nitpicky = True
# Names of the standard library and of the environment that no page here describes,
# and modules of the package that are not public.
nitpick_ignore_regex = [
    ("py:.*", r"(?!flask_cors_policy).*"),
    ("py:.*", r"flask_cors_policy\.(core|devtools|flask_ext|testing)\..*"),
]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"

html_theme = "policy"
html_theme_path = ["theme"]
html_title = "flask_cors_policy"
html_static_path: list[str] = []
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {
    "**": ["project-name.html", "globaltoc.html", "localtoc.html", "searchbox.html"]
}
# It asks a package index from within the reader's browser.
version_banner = False
html_theme_options = {"globaltoc_maxdepth": 1}
