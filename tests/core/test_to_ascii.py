"""The host names that hints print, against the tables of the package ``idna``."""

from __future__ import annotations

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy.core.punycode import to_ascii


def oracle(host: str) -> str:
    """Return *host* as browsers do: UTS 46, non-transitional, then punycode."""
    mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in mapped.split(".")
    )


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "EXAMPLE.com",
        "bücher.example",
        "BÜCHER.example",
        "bu\u0308cher.example",
        "faß.de",
        "FAẞ.de",
        "βόλος.com",
        "ΒΌΛΟΣ.com",
        "пример.рф",
        "ПРИМЕР.РФ",
        "例え.テスト",
        "ﾃｽﾄ.example",
        "한국.kr",
        "\uff45\uff58ample.com",
        "ﬁsh.example",
        "İstanbul.example",
        "مثال.إختبار",
        "उदाहरण.भारत",
        "☃.example",
        "ᏣᎳᎩ.example",
        "a\uff0eb.example",
    ],
)
def test_host_is_what_browsers_make_of_it(host: str) -> None:
    assert to_ascii(host) == oracle(host)


# Assigned in every supported Python, none of them dropped by UTS 46.
LETTERS = st.characters(
    categories=["Ll", "Lu", "Lt", "Nd"],
    max_codepoint=0x52F,
    exclude_characters="\u03f2",  # Of two mappings to final sigma only one is ours.
)


@given(st.text(LETTERS, min_size=1, max_size=20))
def test_any_word_of_latin_greek_or_cyrillic_is_what_browsers_make_of_it(
    word: str,
) -> None:
    assert to_ascii(word) == oracle(word)


@given(st.text(st.characters(codec="ascii"), max_size=30))
def test_ascii_is_only_lowered(host: str) -> None:
    assert to_ascii(host) == host.lower()
