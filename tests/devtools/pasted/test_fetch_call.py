"""A pasted call of fetch() is read as a browser would make it, and nothing is run."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.pasted import PastedError, PastedRequest, read_pasted

URL = "https://api.example.com/items"


def problem(text: str) -> str:
    with pytest.raises(PastedError) as caught:
        read_pasted(text)
    return str(caught.value)


def test_a_call_within_a_program_is_found() -> None:
    found = read_pasted(
        """
        // The list of "items".
        async function load() {
          const answer = await window.fetch('https://api.example.com/items');
          return answer.json();
        }"""
    )
    assert found == PastedRequest(URL)


def test_every_option_that_matters_is_read() -> None:
    found = read_pasted(
        """fetch("https://api.example.com/items", {
          method: 'PUT', headers: {'X-Token': `abc`, "X-Count": 7, "X-On": true,},
          body: "a\\u00e4\\x41\\n\\
b", credentials: "include", mode: "cors", signal: controller.signal,
        }).then((answer) => answer.json())"""
    )
    assert found == PastedRequest(
        URL,
        "PUT",
        (("X-Token", "abc"), ("X-Count", "7"), ("X-On", "true")),
        "a\u00e4A\nb",
        "include",
    )


def test_a_call_that_a_browser_copied_has_the_headers_of_the_page_only() -> None:
    found = read_pasted(
        """fetch("https://api.example.com/items", {
          "headers": {
            "accept": "*/*",
            "content-type": "application/json",
            "priority": "u=1, i",
            "sec-ch-ua": "\\"Chromium\\";v=\\"156\\"",
            "sec-fetch-mode": "cors",
            "x-token": "abc"
          },
          "referrer": "https://app.example.com/list?page=2",
          "referrerPolicy": "strict-origin-when-cross-origin",
          "body": "{}",
          "method": "POST",
          "mode": "cors",
          "credentials": "include"
        });"""
    )
    assert found == PastedRequest(
        URL,
        "POST",
        (("content-type", "application/json"), ("x-token", "abc")),
        "{}",
        "include",
        origin="https://app.example.com",
    )


def test_a_header_that_the_page_sets_itself_stays() -> None:
    text = 'fetch("https://api.example.com/items", {headers: {Priority: "u=1"}})'
    assert read_pasted(text).headers == (("Priority", "u=1"),)


FORM = "application/x-www-form-urlencoded;charset=UTF-8"


@pytest.mark.parametrize(
    ("body", "content", "content_type"),
    [
        ("JSON.stringify({a: [1, 2.5, null]})", '{"a":[1,2.5,null]}', None),
        ("JSON.stringify()", "null", None),
        ("new URLSearchParams({q: 'a b', n: 1})", "q=a+b&n=1", FORM),
        ("new URLSearchParams('q=a')", "q=a", FORM),
        ("new URLSearchParams(form)", "name=value", FORM),
        (
            "new FormData(form)",
            "------boundary--",
            "multipart/form-data; boundary=----boundary",
        ),
        ("null", None, None),
        ("'a' + \"b\" + `c`", "abc", None),
    ],
)
def test_bodies_are_read_with_the_type_that_browsers_give_them(
    body: str, content: str | None, content_type: str | None
) -> None:
    found = read_pasted(f"fetch('{URL}', {{method: 'POST', body: {body}}})")
    assert found.body == content
    assert dict(found.headers).get("Content-Type") == content_type


def test_the_type_that_the_page_sets_wins() -> None:
    text = (
        f"fetch('{URL}', {{body: new URLSearchParams(), method: 'POST', "
        "headers: {'content-type': 'text/plain'}})"
    )
    assert read_pasted(text).headers == (("content-type", "text/plain"),)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("headers: {A: `Bearer ${token}`}", "The value of A is not known"),
        ("headers: {A: get('a, b', {c: [1]})}", "The value of A is not known"),
        ("headers: {A: !a}", "The value of A is not known"),
        ("headers: {A: a + 1}", "The value of A is not known"),
        ("headers: {A: `\\`${`}`}`}", "The value of A is not known"),
        ("body: JSON.stringify({...item})", "The JSON of the body is not known"),
        ("body: JSON.stringify([item])", "The JSON of the body is not known"),
        ("body", "The body body is not known"),
        ("body() {}", "The body () {} is not known"),
        ("body: cond ? {a: 1} : `${b({c: `d`})}`", "The body cond ? {a: 1}"),
        ("body: {a: 1}", "The body of this kind is not known"),
        ("body: new Headers()", "The body of this kind is not known"),
        (
            "withCredentials: true",
            'fetch() ignores withCredentials. Is credentials: "include" meant?',
        ),
        ("Method: 'PUT'", "fetch() ignores Method. Is method meant?"),
        ("header: {}", "fetch() ignores header. Is headers meant?"),
        ("colour: 'red'", "fetch() ignores colour."),
        ("headers: {Cookie: 'a=b'}", "fetch() cannot set Cookie."),
    ],
)
def test_what_is_not_known_or_has_no_effect_is_told(options: str, said: str) -> None:
    (note,) = read_pasted(f"fetch('{URL}', {{{options}}})").notes
    assert note.startswith(said)


def test_values_that_are_not_known_have_stand_ins() -> None:
    found = read_pasted(
        f"fetch('{URL}', {{headers: new Headers([['X-A', a], ['X-B', null]]), "
        "body: reader(), method: 'POST'})"
    )
    assert found.headers == (("X-A", "value"), ("X-B", "null"))
    assert found.body == "value"


@pytest.mark.parametrize(
    "text",
    [
        "fetch(new URL('/items', 'https://api.example.com'))",
        "fetch(new URL('https://api.example.com/items'), {})",
        "fetch(new Request('https://api.example.com/items'), null)",
        "fetch(new Request('https://api.example.com/items', {method: 'GET'}))",
        "fetch('https://api.example.com/items', {headers: undefined, method: null})",
        "fetch('https://api.example.com/items', {headers: new Headers()})",
        "fetch(/* where */ 'https://api.example.com/items', {headers: [],})",
        "function fetch(a) {} fetch('https://api.example.com/items')",
    ],
)
def test_other_ways_to_write_the_same_call(text: str) -> None:
    assert read_pasted(text) == PastedRequest(URL)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is nothing here."),
        ("  \n ", "There is nothing here."),
        ("a" * 100_001, "This is longer than 100000 characters."),
        ("axios.get('https://api.example.com')", "There is no fetch(...) and no cURL"),
        ("const fetch = 1", "There is no fetch(...) and no cURL"),
        ("Invoke-WebRequest -Uri https://a.example", "This is PowerShell."),
        ("fetch()", "fetch() has no URL here."),
        ("fetch(7)", "The first argument of fetch() is no URL."),
        ("fetch(new URL())", "The first argument of fetch() is no URL."),
        ("fetch(url)", "The URL url is not known."),
        ("fetch(`${API}/items`)", "The URL `${API}/items` is not known."),
        ("fetch('/items')", "/items is relative"),
        ("fetch('nonsense')", "nonsense is not a URL."),
        ("fetch('ftp://a.example/')", "ftp://a.example/ is not a URL."),
        ("fetch('https://a.example", "Line 1: a text in quotes does not end."),
        ("fetch(`https://a.example", "Line 1: a text in backquotes does not end."),
        ("fetch('https://a.example'", "This ends in the middle"),
        ("fetch('https://a.example', {", "This ends in the middle"),
        ("fetch('https://a.example', {a", "This ends in the middle"),
        ("fetch('https://a.example', {a: b", "This ends in the middle"),
        ("fetch('https://a.example', {a: 1", "This ends in the middle"),
        (
            "fetch('https://a.example', {,})",
            "Line 1: ',' stands where '}' is expected.",
        ),
        ("fetch('https://a.example', {\n[k]: 1})", "Line 2: '[' stands where 'a name'"),
        ("fetch('https://a.example', {a b})", "Line 1: 'b' stands where '}' is"),
        ("fetch('https://a.example', options)", "options is a variable."),
        ("fetch('https://a.example', 'GET')", "The second argument of fetch() is not"),
        ("fetch('https://a.example', {...options})", "...options is not known."),
        ("fetch('https://a.example', {method})", "method: method is not known."),
        ("fetch('https://a.example', {method: 7})", "method is not a string."),
        ("fetch('https://a.example', {headers})", "headers: headers is not known."),
        ("fetch('https://a.example', {headers: {...auth()}})", "headers: ...auth() is"),
        (
            "fetch('https://a.example', {headers: new URL('a')})",
            "headers: new URL is not",
        ),
        ("fetch('https://a.example', {headers: 'a: b'})", "headers are not { ... }"),
        ("fetch('https://a.example', {headers: ['a']})", "headers are not { ... }"),
        (
            "fetch('https://a.example', {headers: {'a b': 'c'}})",
            "'a b' is not the name",
        ),
        (
            "fetch('https://a.example', {headers: {a: '\\u4e00'}})",
            "The value of a is not",
        ),
        ("fetch(" + "[" * 60, "This is nested more than 50 deep."),
    ],
)
def test_what_cannot_be_read_is_a_sentence(text: str, said: str) -> None:
    assert problem(text).startswith(said)
    assert problem(text).endswith((".", ")"))


def test_a_referrer_that_is_no_url_tells_no_origin() -> None:
    text = f"fetch('{URL}', {{referrer: 'about:client'}})"
    assert read_pasted(text).origin == ""


def test_escapes_of_javascript_are_read() -> None:
    text = r"""fetch('https://api.example.com/\u{61}\'\0\v\u{110000}')"""
    assert read_pasted(text).url == "https://api.example.com/a'%00%0B%EF%BF%BD"


def test_numbers_are_read_as_javascript_has_them() -> None:
    text = f"fetch('{URL}', {{headers: {{a: 0x1F, b: 1_000, c: -2, d: 1e3, e: .5}}}})"
    assert dict(read_pasted(text).headers) == {
        "a": "31",
        "b": "1000",
        "c": "-2",
        "d": "1000.0",
        "e": "0.5",
    }


def test_what_may_be_secret_is_left_out_of_a_case_to_be_shown() -> None:
    found = read_pasted(
        "curl https://api.example.com/login -H 'Authorization: Bearer s3cret' "
        "-H 'Content-Type: application/json' -b 'session=s3cret; theme=s3cret' "
        '-d \'{"password": "s3cret"}\''
    ).without_secrets()
    assert "s3cret" not in str(found)
    assert found.headers == (
        ("Authorization", "value"),
        ("Content-Type", "application/json"),
    )
    assert found.cookie == "session=value; theme=value"
    assert found.body == "{}"
    assert "left out" in found.notes[-1]


def test_nothing_is_said_where_nothing_was_left_out() -> None:
    found = read_pasted(f"fetch('{URL}', {{body: 'value', method: 'POST'}})")
    assert found.without_secrets() == found


def test_a_preflight_that_firefox_copied_is_the_request_that_it_asks_for() -> None:
    found = read_pasted(
        f"await fetch('{URL}', {{headers: {{'Access-Control-Request-Method': 'PUT'}}, "
        "method: 'OPTIONS', referrer: 'https://app.example.com/'})"
    )
    assert (found.method, found.headers) == ("PUT", ())


def test_a_preflight_that_tells_no_method_cannot_be_read() -> None:
    text = f"fetch('{URL}', {{method: 'OPTIONS', referrer: 'https://a.example/'}})"
    assert "copy its row as cURL" in problem(text)
