"""The language of each page: its first folder, where that is a language's code.

Sphinx knows one language for the whole site. What a browser reads aloud, breaks into
lines and offers to translate depends on that of the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DEFAULT: Final = "en"
OTHERS: Final = frozenset({"ko"})


def language_of(page: str) -> str:
    """Return the language of the page *page*: ``ko`` for ``ko/quickstart``."""
    folder = page.partition("/")[0]
    return folder if folder in OTHERS else DEFAULT


def set_language(
    _app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: Any
) -> None:
    """Tell the template of a page its language."""
    context["language"] = language_of(page)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register this (Sphinx calls it)."""
    app.connect("html-page-context", set_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
