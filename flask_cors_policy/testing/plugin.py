"""The pytest plugin: the fixture ``browser``, and reports that explain.

.. code-block:: python

    def test_the_page_may_read_items(browser):
        page = browser("https://app.example.com")       # talks to the fixture "app"
        assert page.fetch("/items").ok

Loaded by pytest wherever this library is installed, so it imports next to nothing
before a test asks for something. Other plugins have a fixture of that name too
(pytest-playwright, pytest-splinter); where one is installed, the name is left to it,
and ``cors_browser`` is the name to use.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

from ..devtools import journal

if TYPE_CHECKING:
    from .client import Browser

BrowserFactory = Callable[..., "Browser"]

_NAME = "browser"


def pytest_configure(config: pytest.Config) -> None:
    """Offer the short name of the fixture, unless another plugin has taken it."""
    plugins = config.pluginmanager.get_plugins()
    if not any(_NAME in dir(plugin) for plugin in plugins):
        config.pluginmanager.register(_ShortName(), "flask-cors-policy-browser")


@pytest.fixture
def cors_browser(request: pytest.FixtureRequest) -> BrowserFactory:
    """Return a function that opens pages: ``browser(origin, app=None, **options)``.

    It takes what :class:`flask_cors_policy.testing.Browser` takes; left out, the
    application is that of the fixture ``app``. Each page has a browser of its own:
    ``page.open(origin)`` opens another page in the same one.
    """
    return _factory(request)


class _ShortName:
    """A plugin that has the fixture under the short name, and nothing else."""

    @pytest.fixture
    def browser(self, request: pytest.FixtureRequest) -> BrowserFactory:
        """The same as ``cors_browser``."""
        return _factory(request)


def _factory(request: pytest.FixtureRequest) -> BrowserFactory:
    def open_page(origin: str, app: Any = None, **options: Any) -> Browser:
        from .client import Browser

        return Browser(_app(request) if app is None else app, origin, **options)

    return open_page


def _app(request: pytest.FixtureRequest) -> Any:
    """Return the application of the test's own fixture ``app``."""
    try:
        return request.getfixturevalue("app")
    except pytest.FixtureLookupError as error:
        if error.argname != "app":
            raise
        pytest.fail(
            'There is no fixture "app" here: write one that returns the application, '
            "or browser(origin, app=...).",
            pytrace=False,
        )


def pytest_runtest_logstart() -> None:
    """Begin to keep what browsers and attacks do."""
    journal.begin()


def pytest_runtest_logfinish() -> None:
    """End at the end of the test."""
    journal.end()


# The old way to wrap, which the oldest pytest of any user understands.
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, Any, None]:
    """Add what was exchanged to the report of a test that failed."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    if call.excinfo is not None and report.failed:
        value = call.excinfo.value
        # A page that was blocked has told it all.
        told = str(value) if hasattr(value, "outcome") else ""
        for title, text in journal.entries():
            section = text()
            if section and section not in told:
                report.sections.append((title, section))


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say why a header is not among those that the page can read."""
    why_missing = getattr(right, "why_missing", None)
    if op != "in" or why_missing is None or not isinstance(left, str):
        return None
    return [f"{left!r} in reply.headers", why_missing(left)]
