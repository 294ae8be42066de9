"""The documentation's playground: a policy and a page's request in, an answer out.

It runs in a reader's browser, where there is neither Flask nor a network: the page of
the documentation loads this package into Python compiled to WebAssembly, and calls
:func:`answer`. The same function runs here, in tests.

``policy_text`` reads the policy, ``fields`` the rest of the case, ``server`` stands for
the API, and ``played`` asks the browser model and the explanation; nothing else in this
package does.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ..pasted import PastedError, read_pasted
from .fields import FieldError, read_case
from .played import play

MOST: Final = 400_000
"""Characters of a question."""


def answer(question: str) -> str:
    """Answer a question of the page, JSON for JSON; never raises.

    ``{"ask": "explain", "case": {...}}`` plays a case; ``{"ask": "paste", "text": ""}``
    reads a call of ``fetch`` or a cURL command into the fields of a case. Whatever goes
    wrong is an answer with a ``problem`` for people, and the ``field`` it is about.
    """
    try:
        found = _answer(question)
    except Exception as error:  # The page has nobody else to tell.
        found = _problem(
            f"The playground failed: {type(error).__name__}: {str(error)[:200]}. "
            "This is a bug of the playground. Please report it with this case."
        )
    return json.dumps(found)


def _answer(question: str) -> dict[str, Any]:
    if len(question) > MOST:
        return _problem("This is too long for the playground.")
    asked = json.loads(question)
    try:
        if asked["ask"] == "paste":
            pasted = read_pasted(str(asked["text"])).without_secrets()
            return {"fields": pasted.as_fields()}
        return play(read_case(asked["case"]))
    except PastedError as error:
        return _problem(str(error), "pasted")
    except FieldError as error:
        return _problem(str(error), error.field)


def _problem(text: str, field: str = "") -> dict[str, Any]:
    return {"problem": text, "field": field}
