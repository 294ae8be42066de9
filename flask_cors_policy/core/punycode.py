"""Host names in other letters than ASCII, as browsers send them.

https://url.spec.whatwg.org/#concept-domain-to-ascii, as far as tables of Python allow.
"""

from __future__ import annotations

from typing import Final

PREFIX: Final = "xn--"

# Letters of host names of their own, which case folding would replace.
_UNFOLDED: Final = "\u00df\u1e9e\u03c2"


def is_punycode(host: str) -> bool:
    """Say whether each label of *host* that begins with ``xn--`` goes on in Punycode.

    https://www.unicode.org/reports/tr46/#Processing, step 4, without its tables. (The
    codec ``idna`` refuses names that browsers accept.)
    """
    return PREFIX not in host or all(
        _is_punycode(label[len(PREFIX) :])
        for label in host.split(".")
        if label.startswith(PREFIX)
    )


def _is_punycode(text: str) -> bool:
    try:
        decoded = text.encode().decode("punycode")
        decoded.encode()  # Surrogates are no characters.
    except ValueError:
        return False
    return decoded.encode("punycode").decode() == text and not decoded.isascii()


def to_ascii(host: str) -> str:
    """Return *host* in the ASCII form browsers send, as far as tables allow.

    UTS 46, non-transitional (https://url.spec.whatwg.org/#concept-domain-to-ascii),
    for what people type: case folded (but for the letters that stay), compatibility
    forms, punycode.
    """
    import unicodedata  # Here, because only mistakes need it.

    composed = unicodedata.normalize("NFKC", host)
    folded = "".join(c.lower() if c in _UNFOLDED else c.casefold() for c in composed)
    return ".".join(
        label if label.isascii() else PREFIX + label.encode("punycode").decode("ascii")
        for label in unicodedata.normalize("NFKC", folded).split(".")
    )
