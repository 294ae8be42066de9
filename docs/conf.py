"""How Sphinx builds the documentation: ``make docs``, every warning an error."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # For docs.ext, and examples.

# The drawings play refused requests; what is logged of them is not about the build.
# (A package of the theme has the root logger print everything.)
logging.getLogger("flask_cors_policy").propagate = False
logging.getLogger("flask_cors_policy").addHandler(logging.NullHandler())

project = "flask_cors_policy"
author = "the flask_cors_policy maintainers"
project_copyright = "the flask_cors_policy maintainers"
release = version_of("flask_cors_policy")
version = release

extensions = [
    "docs.ext.directives",
    "docs.ext.languages",
    "docs.ext.playground",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "data"]
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

html_theme = "furo"
# The theme's own underlines the names of modules, as if they were links.
pygments_dark_style = "a11y-dark"
html_title = "flask_cors_policy"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
# No page links to it; the search finds names.
html_use_index = False
# The colours of what is allowed and of what is refused; the rest is the theme's.
html_theme_options = {
    "light_css_variables": {"color-ok": "#116329", "color-failed": "#b3001b"},
    "dark_css_variables": {"color-ok": "#6bd68a", "color-failed": "#ff8f8f"},
}

# Output is not copied, and prompts are not.
copybutton_selector = ":is(.highlight-python, .highlight-sh, .highlight-js) pre"
copybutton_prompt_text = "$ "
