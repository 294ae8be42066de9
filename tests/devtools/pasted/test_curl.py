"""A cURL command, copied from a browser or typed, is read as the page's request."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy.devtools.pasted import PastedError, PastedRequest, read_pasted
from flask_cors_policy.devtools.pasted.shell import words

URL = "https://api.example.com/items"
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
JSON = (("content-type", "application/json"),)

UNTOLD = (
    "A cURL command does not tell the credentials mode of the page: same-origin is "
    "assumed."
)


def test_a_command_that_a_browser_copied_is_the_request_of_its_page() -> None:
    found = read_pasted(
        r"""curl 'https://api.example.com/items?a=1&b=2' \
  -X 'PUT' \
  -H 'accept: */*' \
  -H 'accept-language: en' \
  -b 'session=abc; theme=dark' \
  -H 'content-type: application/json' \
  -H 'origin: https://app.example.com' \
  -H 'priority: u=1, i' \
  -H 'referer: https://app.example.com/' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0' \
  --data-raw $'{"name": "it\'s \u00e4\n"}' \
  --compressed"""
    )
    assert found == PastedRequest(
        "https://api.example.com/items?a=1&b=2",
        "PUT",
        JSON,
        '{"name": "it\'s \u00e4\n"}',
        "include",
        "cors",
        "https://app.example.com",
        "session=abc; theme=dark",
    )


def test_a_command_for_windows_is_read() -> None:
    found = read_pasted(
        'curl ^"https://api.example.com/items?a=1^&b=2^" ^\r\n'
        '  -H ^"content-type: application/json^" ^\r\n'
        '  --data-raw ^"^{^\\^"name^\\^":^\\^"it\'s 100^%^\\^"^}^"'
    )
    assert found == PastedRequest(
        "https://api.example.com/items?a=1&b=2", "POST", JSON, '{"name":"it\'s 100%"}'
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (URL, PastedRequest(URL)),
        (f"--url {URL}", PastedRequest(URL)),
        (f"--url={URL} -s -S -o out.json", PastedRequest(URL)),
        (f"-sSL --max-time 5 {URL} | jq .", PastedRequest(URL)),
        (f"-iXDELETE {URL}", PastedRequest(URL, "DELETE")),
        (f"-I {URL}", PastedRequest(URL, "HEAD")),
        ("api.example.com/items", PastedRequest("http://api.example.com/items")),
        (f"{URL} -d a=1 --data b=2", PastedRequest(URL, "POST", FORM, "a=1&b=2")),
        (f"{URL} -G -d a=1 -d b=2", PastedRequest(f"{URL}?a=1&b=2")),
        (f"'{URL}?c=3' -G -d a=1", PastedRequest(f"{URL}?c=3&a=1")),
        (
            f"{URL} --data-urlencode 'q=a b' --data-urlencode 'c d'",
            PastedRequest(URL, "POST", FORM, "q=a+b&c+d"),
        ),
        (
            f"{URL} -F file=@photo.png",
            PastedRequest(
                URL,
                "POST",
                (("Content-Type", "multipart/form-data; boundary=----boundary"),),
                "------boundary--",
            ),
        ),
        (
            f"{URL} --json '{{}}'",
            PastedRequest(
                URL,
                "POST",
                (("Content-Type", "application/json"), ("Accept", "application/json")),
                "{}",
            ),
        ),
        (
            f"{URL} -H 'X-Empty;' -H 'X-Removed:' -H \"X-A: \\\"b\\\"\"",
            PastedRequest(URL, "GET", (("X-Empty", ""), ("X-A", '"b"'))),
        ),
        (
            f"{URL} -u ada:s3cret",
            PastedRequest(
                URL,
                headers=(("Authorization", "Basic value"),),
                notes=("The user and password are left out.",),
            ),
        ),
        (
            f"{URL} -d @body.json -e https://app.example.com/page",
            PastedRequest(
                URL,
                "POST",
                FORM,
                "value",
                origin="https://app.example.com",
                notes=("The body is in a file, which is not read here.", UNTOLD),
            ),
        ),
        (f"{URL} --data-raw @body", PastedRequest(URL, "POST", FORM, "@body")),
    ],
)
def test_a_typed_command_is_read(arguments: str, expected: PastedRequest) -> None:
    assert read_pasted(f"$ curl {arguments}") == expected


@pytest.mark.parametrize(
    "written",
    ["-H 'User-Agent: Mozilla/5.0'", "-H 'Origin: https://a.example'"],
    ids=["the browser", "the origin"],
)
def test_what_browsers_add_is_not_of_the_page_without_sec_fetch_headers(
    written: str,
) -> None:
    found = read_pasted(
        f"curl {URL} {written} -H 'Accept: */*' -H 'Accept-Language: en' "
        "-H 'Accept-Encoding: gzip' -H 'Connection: keep-alive' -H 'Host: x' "
        "-H 'Cache-Control: no-cache' -H 'Pragma: no-cache' -H 'DNT: 1' "
        "-H 'If-None-Match: \"7\"' -H 'Priority: u=3, i' -H 'Authorization: Bearer x'"
    )
    assert found.headers == (("Authorization", "Bearer x"),)
    assert "Cache-Control is left out: browsers add it by themselves." in found.notes


def test_a_command_without_a_trace_of_a_browser_keeps_all_headers() -> None:
    found = read_pasted(f"curl {URL} -H 'Cache-Control: no-cache'")
    assert found.headers == (("Cache-Control", "no-cache"),)


PREFLIGHT = (
    f"curl {URL} -X OPTIONS -H 'Origin: https://app.example.com' "
    "-H 'Access-Control-Request-Method: PUT' "
    "-H 'Access-Control-Request-Headers: cache-control, content-type' "
    "-H 'Cache-Control: no-cache' -H 'User-Agent: Mozilla/5.0'"
)


def test_a_copied_preflight_is_the_request_that_it_asks_for() -> None:
    found = read_pasted(PREFLIGHT)
    assert (found.method, found.body) == ("PUT", None)
    assert found.headers == (
        ("cache-control", "value"),
        ("content-type", "application/json"),
    )
    assert found.notes[-1] == (
        "This is a preflight: what is played is the PUT that it asks for."
    )


def test_options_that_asks_for_no_method_is_no_preflight() -> None:
    found = read_pasted(PREFLIGHT.replace("Method: PUT", "Method: not one"))
    assert found.method == "OPTIONS"


def test_a_copied_command_without_cookies_leaves_the_credentials_open() -> None:
    found = read_pasted(f"curl {URL} -H 'sec-fetch-mode: cors'")
    assert found.credentials == "same-origin"
    assert "credentials mode" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("curl -s", "There is no URL in this command."),
        (
            "curl https://a.example https://b.example",
            "There are 2 URLs in this command.",
        ),
        ("curl https://a.example -H", "-H has no value: copy the whole command."),
        ("curl https://a.example --header", "--header has no value"),
        ("curl https://a.example -H @headers", "-H names a file"),
        ("curl https://a.example -H nonsense", "'nonsense' is not a header"),
        ("curl https://a.example -b cookies.txt", "-b names a file"),
        ("curl 'https://a.example", "A text in quotes does not end"),
        ("curl $'https://a.example", "A text in quotes does not end"),
        ('curl "https://a.example', "A text in quotes does not end"),
        ("curl file:///etc/passwd", "file:///etc/passwd is not a URL."),
    ],
)
def test_what_cannot_be_read_is_a_sentence(text: str, said: str) -> None:
    with pytest.raises(PastedError) as caught:
        read_pasted(text)
    assert str(caught.value).startswith(said)


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="^"))))
def test_words_are_split_as_a_posix_shell_splits_them(given: list[str]) -> None:
    assert words(shlex.join(given)) == given


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"a\ b 'c d'\''e' \
f", ["a b", "c d'e", "f"]),
        ("a\\\r\nb", ["ab"]),
        (r'"a \"b\" \$c \d"', [r'a "b" $c \d']),
        (r"$'\x41\u00e4\101\t\e\q\U0001F600'", ["A\u00e4A\t\x1bq\U0001f600"]),
        (r"$'\U00110000'", ["\ufffd"]),
        ("a&&b | c;d", ["a", "&&", "b", "|", "c", ";", "d"]),
    ],
)  # fmt: skip
def test_quotes_of_bash_are_read(text: str, expected: list[str]) -> None:
    assert words(text) == expected
