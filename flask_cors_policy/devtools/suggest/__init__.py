"""``flask cors suggest``: the tightest policy that serves what report files hold.

.. code-block:: python

    print(suggestion(["cors.jsonl"], ["https://app.example.com"]))

Read it in this order: ``observations`` (what the files hold), ``evidence`` (what each
origin asked for, and what of it can be relied on), ``doubts`` (what to look at before
an origin is listed), ``text`` (how it is printed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from ...core.fetch_standard import NULL_ORIGIN
from ...core.origin import Origin, OriginMatcher, OriginPattern
from .doubts import doubts
from .evidence import Asked, evidence
from .observations import Observations, read_files
from .quoting import quoted
from .text import Suggested, text_of

__all__ = ["quoted", "suggested", "suggestion"]

REFERENCES = 20
"""Origins that came more often, which a rarer one is compared with."""


def suggestion(
    paths: Sequence[str],
    named: Sequence[str] = (),
    listed: Iterable[str] = (),
    complain: Callable[[str], None] = lambda text: None,
) -> str:
    """Return the suggested policy as text: assignments of literals, and comments.

    :param paths: of report files.
    :param named: the origins and patterns that a person decided to allow.
    :param listed: what the present policies list.
    :param complain: takes what is no result: how many lines were skipped.
    :raises ValueError: if a file cannot be read or holds nothing, or a name in *named*
        cannot be listed.
    """
    observations = read_files(paths)
    if observations.broken:
        lines = "line" if observations.broken == 1 else "lines"
        complain(f"{observations.broken} broken {lines} skipped")
    if not observations.lines:
        raise ValueError(f"nothing was reported in {', '.join(paths)}")
    return text_of(suggested(observations, named, listed))


def suggested(
    observations: Observations, named: Sequence[str], listed: Iterable[str] = ()
) -> Suggested:
    """Return what to suggest.

    :raises ValueError: if a name in *named* cannot be listed.
    """
    matcher = _matcher(named)

    def name_of(origin: str) -> str:
        found: str | None = matcher.match(origin, {}).rights
        return origin if found is None else found

    found = evidence(observations, name_of)
    by_count = sorted(found.values(), key=lambda each: (-each.requests, each.origin))
    others = [each for each in by_count if each.origin not in named]
    came = {observation.origin for observation in observations.tallies}
    listed = [each for each in listed if Origin.parse(each)]
    known = [
        *listed,
        *_by_count(named, found),
        *(each.origin for each in by_count[:REFERENCES]),
    ]

    def doubts_of(asked: Asked) -> Iterator[str]:
        # Of two that resemble each other, the rarer one is in doubt.
        before = takewhile(lambda name: name != asked.origin, [*dict.fromkeys(known)])
        return doubts(asked, before)

    return Suggested(
        observations,
        [found.get(each, Asked(each)) for each in _by_count(named, found)],
        [each for each in others if _is_listable(each.origin)],
        doubts_of,
        sorted({*listed} - came - {*named}),
        sum(not _is_listable(each) for each in came),
    )


def _by_count(named: Iterable[str], found: Mapping[str, Asked]) -> list[str]:
    """Return *named*, each once, the most frequent first."""
    return sorted(
        dict.fromkeys(named),
        key=lambda each: -found[each].requests if each in found else 0,
    )


def _is_listable(origin: str) -> bool:
    return origin == NULL_ORIGIN or Origin.parse(origin) is not None


def _matcher(named: Iterable[str]) -> OriginMatcher[str]:
    """Return what finds the name under which an origin is listed.

    :raises ValueError: if a name cannot be listed.
    """
    patterns = []
    for name in named:
        if name == NULL_ORIGIN:
            raise ValueError("--origin null: any site can send it")
        pattern = OriginPattern.parse(name)
        if pattern is None:
            from ...core.origin_mistakes import diagnose

            mistake = diagnose(name)
            raise ValueError(f"--origin {name}: {mistake.message} {mistake.hint}")
        patterns.append((pattern, name))
    return OriginMatcher(
        {name: name for pattern, name in patterns if pattern.is_exact},
        ((pattern, name) for pattern, name in patterns if not pattern.is_exact),
    )
