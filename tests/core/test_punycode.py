"""Which labels go on in Punycode after ``xn--``: those that browsers send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import Policy
from flask_cors_policy.core.punycode import is_punycode, to_ascii

SENT = [
    "xn--bcher-kva.example",
    "xn--fa-hia.de",
    "xn--i-7iq.ws",
    "xn--ls8h.la",
    "xn--e1afmkfd.xn--p1ai",
    "xn--80ak6aa92e.com",
    # Python's codec "idna" refuses these.
    "xn--s7y.co",
    "xn--fa-hia.xn--vermgensberatung-pwb",
    "a.example",
    "xn-a.example",
    "a-xn--b.example",
]
NOT_SENT = [
    "xn--",
    "xn--.com",
    "xn--abc-",
    "xn--abc-.com",
    "www.xn--a-.com",
    "xn--99999999.com",
    "xn--bcher-kv.example",
    "xn--bcher-kva-.example",
    "xn--abc_.com",
    # A surrogate is no character.
    "xn--" + "a\ud800".encode("punycode").decode("ascii"),
]


@pytest.mark.parametrize("host", SENT)
def test_a_host_that_browsers_send_is_taken(host: str) -> None:
    assert is_punycode(host)
    for origin in (f"https://{host}", f"https://*.{host}:*"):
        assert Policy(origins=origin).origins == (origin,)


@pytest.mark.parametrize("host", NOT_SENT, ids=ascii)
def test_a_label_that_is_no_punycode_is_a_mistake(host: str) -> None:
    assert not is_punycode(host)


LETTERS = st.characters(codec="utf-8", categories=["Ll", "Lo", "Nd"])


@given(st.text(LETTERS, min_size=1, max_size=12))
def test_names_in_any_letters_are_taken_in_their_ascii_form(name: str) -> None:
    assert is_punycode(to_ascii(f"{name}.example"))


@given(st.text(st.sampled_from("abz019-_"), max_size=8))
def test_punycode_is_what_encodes_to_itself(text: str) -> None:
    """An oracle of its own: some text with other letters has just this form."""
    try:
        name = f"{text}".encode().decode("punycode")
        again = name.encode("punycode").decode()
    except UnicodeError:
        assert not is_punycode(f"xn--{text}")
        return
    surrogates = any("\ud800" <= letter <= "\udfff" for letter in name)
    expected = again == text and not name.isascii() and not surrogates
    assert is_punycode(f"xn--{text}") is expected
