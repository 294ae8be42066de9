"""A policy is read from whatever piece of a program people have, and never run."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from flask_cors_policy.devtools.playground.literals import PolicyTextError
from flask_cors_policy.devtools.playground.policy_text import (
    APPLICATION,
    DECORATOR,
    MIDDLEWARE,
    read_policy,
)

ORIGIN = "https://app.example.com"


def parts(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return place and values of each part."""
    return [
        (part.place, {name: each.value for name, each in part.options.items()})
        for part in read_policy(text).parts
    ]


def problem(text: str) -> PolicyTextError:
    with pytest.raises(PolicyTextError) as caught:
        read_policy(text)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        f'origins="{ORIGIN}", max_age=600',
        f'origins = "{ORIGIN}"\nmax_age = 600',
        f'CORS(app, origins="{ORIGIN}", max_age=600)',
        f'cors = CORS(app, origins="{ORIGIN}", max_age=600)',
        f'cors = CORS()\ncors.init_app(app, origins="{ORIGIN}", max_age=600)',
        f'cors.init_app(app, **{{"origins": "{ORIGIN}", "max_age": 600}})',
        f'OPTIONS = {{"origins": "{ORIGIN}", "max_age": 600}}\nCORS(app, **OPTIONS)',
        f'FRONT = "{ORIGIN}"\nAGE = 600\nCORS(app, origins=FRONT, max_age=AGE)',
        f'CORS_ORIGINS = "{ORIGIN}"\nCORS_MAX_AGE: int = 600',
        f'app.config["CORS_ORIGINS"] = "{ORIGIN}"\napp.config["CORS_MAX_AGE"] = 600',
        f'app.config.update(CORS_ORIGINS="{ORIGIN}", CORS_MAX_AGE=600, DEBUG=True)',
        f'app.config.update({{"CORS_ORIGINS": "{ORIGIN}", "CORS_MAX_AGE": 600}})',
        f'app.config.from_mapping(values, CORS_ORIGINS="{ORIGIN}", CORS_MAX_AGE=600)',
        f'{{"CORS_ORIGINS": "{ORIGIN}", "CORS_MAX_AGE": 600, "SECRET_KEY": key}}',
        f'app.config["CORS_ORIGINS"] = "{ORIGIN}"\nCORS(app, max_age=600)',
        f"""
import os
from flask import Flask
from flask_cors_policy import CORS

app = Flask(__name__)
app.secret_key = os.urandom(16)
app.config["SESSION_COOKIE_SECURE"] = True
CORS(app, origins="{ORIGIN}", max_age=600)
print("ready")


@app.get("/items")
def items():
    return {{}}
""",
    ],
)
def test_policy_of_a_flask_application_in_every_form(text: str) -> None:
    assert parts(text) == [(APPLICATION, {"origins": ORIGIN, "max_age": 600})]
    assert read_policy(text).in_flask


@pytest.mark.parametrize(
    "text",
    [
        f'CORSMiddleware(app, origins="{ORIGIN}")',
        f'app = CORSMiddleware(app, Policy(origins="{ORIGIN}"))',
        f'app.wsgi_app = CORSMiddleware(app.wsgi_app, origins="{ORIGIN}")',
        f'policy = Policy(origins="{ORIGIN}")',
    ],
)
def test_policy_of_a_middleware_knows_no_routes(text: str) -> None:
    assert parts(text) == [(MIDDLEWARE, {"origins": ORIGIN})]
    assert not read_policy(text).in_flask


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("@cross_origin\ndef view(): ...", {}),
        ('@cross_origin(methods="PUT")', {"methods": "PUT"}),
        ("@policy.cross_origin(max_age=5)\nclass View: ...", {"max_age": 5}),
        ("@login_required\n@cross_origin()\nasync def view(): ...", {}),
    ],
)
def test_decorator_is_a_layer_of_its_own(text: str, options: dict[str, Any]) -> None:
    assert parts(text) == [(DECORATOR, options)]
    outer = f'CORS(app, origins="{ORIGIN}")\n{text}'
    assert parts(outer) == [(APPLICATION, {"origins": ORIGIN}), (DECORATOR, options)]


def test_no_text_is_no_policy() -> None:
    assert parts(" \n") == []


def test_bare_extension_is_a_policy_without_origins() -> None:
    assert parts("CORS(app)") == [(APPLICATION, {})]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('["https://a.example", "https://b.example"]', ["https://a.example", "https://b.example"]),
        ('("https://a.example",)', ("https://a.example",)),
        ('{"https://a.example"}', ["https://a.example"]),
        ('["https://a.example"] + ["https://b.example"]', ["https://a.example", "https://b.example"]),
        ('"https://" + "a.example"', "https://a.example"),
        ('list(["https://a.example"])', ["https://a.example"]),
        ("None", None),
        ("-1", -1),
        ("timedelta(hours=2)", timedelta(hours=2)),
        ("datetime.timedelta(0, 5)", timedelta(seconds=5)),
        (r're.compile(r"https://a[.]example")', re.compile(r"https://a[.]example")),
        ('re.compile("a", re.I | re.ASCII)', re.compile("a", re.IGNORECASE | re.ASCII)),
        ('{"https://a.example": {}}', {"https://a.example": {}}),
    ],
)  # fmt: skip
def test_values_are_read(value: str, expected: object) -> None:
    assert parts(f"CORS(app, origins={value})") == [
        (APPLICATION, {"origins": expected})
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * 20_001, "The policy is longer than 20000 characters."),
        ("hello", "There is no policy in this text."),
        ("flask_cors()", "There is no policy in this text."),
        ("CORS(app", "Line 1 is not Python: '(' was never closed."),
        ("CORS(app)\norigins=[", "Line 2 is not Python: '[' was never closed."),
        ("-" * 15_000 + "1", "This is not Python."),
        ("CORS(app)\0", "Line 1 is not Python: source code"),
        ("CORS(app, origins=ORIGINS)", "ORIGINS is a name that this text gives"),
        ("CORS(app, max_age=AGE)", "AGE is a name that this text gives no value."),
        ("A = A\nCORS(app, origins=A)", "A is a name that this text gives no value."),
        ("CORS(app, origins=lambda o, e: True)", "lambda o, e: True is a function."),
        ("CORS(app, origins=os.environ['X'])", "os.environ['X'] is known only where"),
        ("CORS(app, origins=os.getenv('X'))", "os.getenv('X') is known only where"),
        ("CORS(app, origins=load())", "load() is known only once the program runs."),
        ("CORS(app, origins=[x for x in y])", "[x for x in y] is known only once"),
        ("CORS(app, origins='a' + 1)", "'a' + 1 is known only once"),
        ("CORS(app, origins={**a})", "{**a} is known only once"),
        ("CORS(app, origins={1: 2})", "1 is known only once"),
        (f"CORS(app, origins=[{'f(), ' * 50}])", "f() is known only once"),
        (f"CORS(app, origins=f({'1, ' * 50}))", "f(1, 1, 1,"),
        ("CORS(app, origins=re.compile('('))", "re.compile('(') is an error in Python"),
        ("CORS(app, origins=re.compile('a', flags))", "flags is a name"),
        ("CORS(app, max_age=timedelta('a'))", "timedelta('a') is an error in Python"),
        ("CORS(app, **options)", "**options is known only once it runs."),
        ("CORS(app, **{f(): 1})", "f() is known only once"),
        ("CORS(app, **{**a})", "{**a} is known only once"),
        ("CORS(app, resources='/api/*')", "CORS(app): resources holds policies; this"),
        ("CORS_POLICIES = {}", "CORS_POLICIES holds policies; this page plays one."),
        ("CORS(app, max_age=1)\nCORS(app, max_age=2)", "There are 2 policies here."),
        ("Policy()\n@cross_origin()\ndef a(): ...", "There are two policies here."),
        ("@cross_origin\n@cross_origin\ndef a(): ...", "There are two decorators"),
        ("@cors_exempt\ndef a(): ...", "@cors_exempt leaves no policy."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_sentence_and_what_to_write(
    text: str, message: str
) -> None:
    found = problem(text)
    assert found.message.startswith(message)
    assert found.message.endswith(".")
    assert found.hint.endswith(".") or found.hint.endswith("].")


def test_mistake_names_its_option() -> None:
    assert problem("CORS(app, max_age=AGE)").setting == "CORS(app): max_age"
    assert problem("CORS_MAX_AGE = AGE").setting == "CORS_MAX_AGE"
    assert problem("Policy(max_age=AGE)").setting == "max_age"


@pytest.mark.parametrize("depth", [100, 1_000, 19_000])
def test_no_depth_of_nesting_ends_python(depth: int) -> None:
    text = f"CORS(app, origins={'[' * (depth // 2)}{']' * (depth // 2)})"
    try:
        found = str(read_policy(text))
    except PolicyTextError as error:
        found = str(error)
    assert APPLICATION in found or "not Python" in found
