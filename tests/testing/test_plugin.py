"""The pytest plugin, in test runs of its own: the fixture, and what failures say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from flask_cors_policy.devtools import journal

APP = """
    import pytest
    from flask_cors_policy import CORSMiddleware

    def hello(environ, start_response):
        headers = [("Content-Type", "text/plain"), ("ETag", "1")]
        start_response("200 OK", headers)
        return [b"hello"]

    @pytest.fixture
    def app():
        return CORSMiddleware(hello, origins="https://app.example.com")
"""


def run(pytester: pytest.Pytester, test: str, conftest: str = APP) -> pytest.RunResult:
    pytester.makeconftest(conftest)
    pytester.makepyfile(test)
    return pytester.runpytest("-p", "no:cacheprovider")


@pytest.mark.parametrize("name", ["browser", "cors_browser"])
def test_the_fixture_talks_to_the_fixture_app(
    pytester: pytest.Pytester, name: str
) -> None:
    test = f"""
        def test_page({name}):
            page = {name}("https://app.example.com")
            assert page.fetch("/").text == "hello"
            assert page.open("https://app.example.com").fetch("/").ok
    """
    run(pytester, test).assert_outcomes(passed=1)


def test_the_fixture_takes_another_application_and_options(
    pytester: pytest.Pytester,
) -> None:
    test = """
        from flask_cors_policy import CORSMiddleware

        def other(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [environ["HTTP_HOST"].encode()]

        def test_page(browser):
            policed = CORSMiddleware(other, origins="*")
            url = "http://localhost:5000"
            page = browser("null", app=policed, base_url=url, engine="firefox")
            assert page.fetch("/").text == "localhost:5000"
    """
    run(pytester, test).assert_outcomes(passed=1)


def test_a_missing_fixture_app_is_said(pytester: pytest.Pytester) -> None:
    test = """
        def test_page(browser):
            browser("https://app.example.com")
    """
    result = run(pytester, test, conftest="")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ['There is no fixture "app" here: write one that returns the application, *']
    )


def test_a_fixture_that_app_lacks_is_the_applications_own_trouble(
    pytester: pytest.Pytester,
) -> None:
    conftest = """
        import pytest

        @pytest.fixture
        def app(request):
            return request.getfixturevalue("database")
    """
    test = """
        def test_page(browser):
            browser("https://app.example.com")
    """
    result = run(pytester, test, conftest)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*fixture 'database' not found*"])


def test_another_plugin_keeps_the_short_name(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        other_plugin="""
            import pytest

            @pytest.fixture
            def browser():
                return "a real one"
        """
    )
    pytester.makeconftest(APP)
    pytester.makepyfile(
        """
        def test_page(browser, cors_browser):
            assert browser == "a real one"
            assert cors_browser("https://app.example.com").fetch("/").ok
        """
    )
    pytester.syspathinsert()
    pytester.runpytest("-p", "other_plugin").assert_outcomes(passed=1)


def test_a_failed_test_shows_what_was_exchanged(pytester: pytest.Pytester) -> None:
    test = """
        def test_page(browser):
            page = browser("https://app.example.com")
            silent = browser("https://app.example.com")
            assert page.fetch("/").status == 201
    """
    result = run(pytester, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*assert 200 == 201",
            "E*where 200 = <Reply 200 OK, GET https://api.example.com/>.status",
            "*- page https://app.example.com -*",
            "Request:",
            "  > GET / HTTP/1.1",
            "  < HTTP/1.1 200 OK",
            "  < ETag: 1",
        ]
    )
    assert result.stdout.str().count("- page https://app.example.com -") == 1


def test_a_page_that_is_blocked_is_told_once_at_the_line_of_the_test(
    pytester: pytest.Pytester,
) -> None:
    test = """
        def test_page(browser):
            browser("https://other.example").fetch("/", "DELETE")
    """
    result = run(pytester, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            '>*browser("https://other.example").fetch("/", "DELETE")',
            "E*CORSBlocked: Blocked (origin-not-allowed).",
            "E*Why:  The policy (CORSMiddleware) does not list https://other.example.",
            "E*Fix:  In CORSMiddleware write origins=*",
        ]
    )
    assert "- page https://other.example -" not in result.stdout.str()
    assert "client.py" not in result.stdout.str()


def test_a_header_that_is_not_readable_says_why(pytester: pytest.Pytester) -> None:
    test = """
        def test_page(browser):
            reply = browser("https://app.example.com").fetch("/")
            assert "ETag" in reply.headers

        def test_something_else():
            assert "a" in ["b"]
    """
    result = run(pytester, test)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "E*assert 'ETag' in reply.headers",
            "E*ETag: 1 came, and no page can read it before it is exposed: "
            "expose_headers=?..., 'ETag'?.",
            "E*assert 'a' in ?'b'?",
        ]
    )


def test_a_test_that_passes_leaves_nothing_behind(pytester: pytest.Pytester) -> None:
    test = """
        from flask_cors_policy.devtools import journal

        def test_page(browser):
            browser("https://app.example.com").fetch("/")
            assert len(journal.entries()) == 1

        def test_next():
            assert journal.entries() == []
    """
    run(pytester, test).assert_outcomes(passed=2)


def test_the_plugin_imports_next_to_nothing() -> None:
    code = """
import sys
import flask_cors_policy.testing.plugin
folders = ("flask_cors_policy.devtools", "flask_cors_policy.testing")
loaded = {name for name in sys.modules if name.startswith(folders)}
assert loaded == {
    "flask_cors_policy.devtools",
    "flask_cors_policy.devtools.journal",
    "flask_cors_policy.testing",
    "flask_cors_policy.testing.plugin",
}, loaded
others = {"flask", "werkzeug", "publicsuffixlist"}
assert not others & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_without_the_plugin_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_entries", None)
    journal.keep("page", lambda: "text")
    assert journal.entries() == []
