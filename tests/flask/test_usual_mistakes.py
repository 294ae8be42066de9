"""The most usual wrong names and forms: each is answered with what is meant."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest
from flask import Blueprint, Flask

from flask_cors_policy import CORS, PolicyError, Problem, cross_origin

from .helpers import A, problems

OWN = "If this one is the application's own, rename it; else delete this line."
UNSET = "Perhaps an environment variable is not set."


class Wrong(NamedTuple):
    """A wrong option, and what the error says to write.

    :param options: keyword arguments of ``CORS(app)``; keys that begin with ``CORS_``
        and are upper case are those of the config.
    :param hint: of the first problem, or the part of it that matters.
    :param more: the reasons of other problems that are told in the same round.
    """

    options: dict[str, Any]
    hint: str
    more: tuple[str, ...] = ()


def called(name: str, value: Any, option: str, **others: Any) -> Wrong:
    """Return a name of another library, and what it is called here."""
    return Wrong({**others, name: value}, f'It is called "{option}" here.')


NAMES = [
    # Starlette, FastAPI
    called("allow_origins", [A], "origins"),
    called("allow_methods", ["PUT"], "methods", origins=A),
    called("allow_credentials", True, "supports_credentials", origins=A),
    Wrong(
        {"allow_origin_regex": r"https://.*\.example\.com"},
        'Write origins = ["https://*.example.com"].',
    ),
    # django-cors-headers
    called("CORS_ALLOWED_ORIGINS", [A], "CORS_ORIGINS"),
    called("CORS_ORIGIN_WHITELIST", [A], "CORS_ORIGINS"),
    called("CORS_ALLOW_METHODS", ["PUT"], "CORS_METHODS", origins=A),
    called("CORS_ALLOW_CREDENTIALS", True, "CORS_SUPPORTS_CREDENTIALS", origins=A),
    called("CORS_PREFLIGHT_MAX_AGE", 60, "CORS_MAX_AGE", origins=A),
    Wrong({"CORS_ORIGIN_ALLOW_ALL": True}, 'It means CORS_ORIGINS = "*".'),
    Wrong({"CORS_ALLOW_ALL_ORIGINS": True}, 'It means CORS_ORIGINS = "*".'),
    Wrong({"CORS_ORIGIN_ALLOW_ALL": False, "origins": A}, "Delete this line."),
    Wrong(
        {"CORS_ALLOWED_ORIGIN_REGEXES": [r"^https://\w+\.example\.com$"]},
        'Write CORS_ORIGINS = ["https://*.example.com"].',
    ),
    Wrong(
        {"CORS_ALLOWED_ORIGIN_REGEXES": [r"^(?!evil).*$"], "origins": A},
        'Write patterns in CORS_ORIGINS, as "https://*.example.com".',
    ),
    Wrong(
        {"CORS_URLS_REGEX": r"^/api/.*$", "origins": A},
        'Paths go into CORS_RESOURCES, as rules: ["/api/*"].',
    ),
    # Express, Flask-SocketIO, rs/cors, the headers
    called("cors_allowed_origins", A, "origins"),
    called("allowed_methods", "PUT", "methods", origins=A),
    called("allowed_headers", "X-A", "allow_headers", origins=A),
    called("exposed_headers", "X-A", "expose_headers", origins=A),
    called("maxAge", 60, "max_age", origins=A),
    called("optionsSuccessStatus", 200, "preflight_status", origins=A),
    called("access_control_allow_origin", A, "origins"),
    Wrong({"preflightContinue": False, "origins": A}, "Leave it out."),
    Wrong(
        {"allow_origin_func": lambda origin, environ: True},
        "A function goes into origins: def allowed(origin, environ) -> bool.",
    ),
    # Flask-CORS, and what people take for its options
    called("CORS_ALLOW_ORIGINS", A, "CORS_ORIGINS"),
    called("allowed_origins", A, "origins"),
    called("whitelist", [A], "origins"),
    called("domains", [A], "origins"),
    Wrong({"origin": A}, 'Did you mean "origins"?'),
    Wrong({"orgins": A}, 'Did you mean "origins"?'),
    Wrong({"CORS_ORIGIN": A}, 'Did you mean "CORS_ORIGINS"?'),
    called("support_credentials", True, "supports_credentials", origins=A),
    called("credentials", True, "supports_credentials", origins=A),
    called("paths", {"/*": {}}, "resources", origins=A),
    Wrong({"headers": "Content-Type", "origins": A}, "Leave it out."),
    Wrong(
        {"headers": ["X-A", "Content-Type"], "origins": A},
        'Leave it out. If pages set these headers, write allow_headers = ["X-A", '
        '"Content-Type"].',
    ),
    Wrong({"CORS_HEADERS": "Content-Type", "origins": A}, "Delete this line."),
    Wrong({"CORS_HEADERS": None, "origins": A}, "Delete this line."),
    Wrong({"send_wildcard": True, "origins": "*"}, "Leave it out."),
    Wrong({"CORS_SEND_WILDCARD": True, "origins": "*"}, "Leave it out."),
    Wrong({"intercept_exceptions": True, "origins": A}, "Leave it out."),
    # the application's own
    Wrong({"CORS_ENABLED": True, "origins": A}, OWN),
    Wrong({"CORS_DEBUG": True, "origins": A}, OWN),
    Wrong({"CORS_ALREADY_INITIALIZED": True, "origins": A}, OWN),
    Wrong(
        {"CORS_ALLOWED_ORIGINS": [A], "origins": [A]},
        "origins is given already. Delete this line; or, if the application reads it, "
        "rename it so that it does not begin with CORS_.",
    ),
    Wrong({"zzz": 1, "origins": A}, "There are: accept_risks, "),
    Wrong({"origins_validator": "x", "origins": A}, "There are: accept_risks, "),
]

FORMS = [
    # origins
    Wrong({"origins": None}, UNSET),
    Wrong({"origins": [None]}, UNSET),
    Wrong({"origins": [""]}, UNSET),
    Wrong({"origins": ""}, UNSET),
    Wrong({"origins": "http://None:3000"}, UNSET),
    Wrong({"origins": ["${FRONTEND_URL}"]}, UNSET),
    Wrong({"origins": f'["{A}", "http://localhost:3000"]'}, f'Write "{A}".', (
        "origin-quotes",
    )),
    Wrong({"origins": True}, 'Write them: ["https://..."].'),
    Wrong({"origins": [[A]]}, "Write its items into the list around it."),
    Wrong({"origins": "all"}, '"*" is for public data, without credentials.'),
    Wrong(
        {"origins": "localhost"},
        'Write "http://localhost". For any port it is "http://localhost:*".',
    ),
    Wrong({"origins": r"^http://localhost(:[0-9]+)?$"}, 'Write "http://localhost:*".'),
    Wrong({"origins": r"http://localhost:300\d"}, 'Write "http://localhost:*".'),
    Wrong({"origins": "http://localhost:30*"}, 'Write "http://localhost:*".'),
    Wrong(
        {"origins": r"^http://(localhost|127\.0\.0\.1)(?::\d+)?$"},
        'Write ["http://localhost:*", "http://127.0.0.1:*"].',
    ),
    Wrong(
        {"origins": r"^https://a\.com$|^https://b\.com$"},
        'Write ["https://a.com", "https://b.com"].',
    ),
    Wrong(
        {"origins": r"https?://example\.com"},
        'Write ["https://example.com", "http://example.com"].',
    ),
    Wrong(
        {"origins": r"https://(.*\.)?example\.com"},
        'Write ["https://*.example.com", "https://example.com"].',
    ),
    Wrong(
        {"origins": "https://*example.com"},
        'Write ["https://*.example.com", "https://example.com"].',
    ),
    Wrong({"origins": "https?://.*"}, "It matches every site."),
    Wrong(
        {"origins": re.compile(r"^http://localhost:\d+$")},
        'Write ["http://localhost:*"], or accept_risks=["regex-origin"].',
    ),
    Wrong(
        {"origins": "moz-extension://*"},
        'lambda origin, environ: origin.startswith("moz-extension://")',
    ),
    Wrong(
        {"origins": "https://*-team.vercel.app"},
        "Anybody can have such a name under vercel.app: list yours, or write a "
        "function that knows them: def allowed(origin, environ).",
    ),
    Wrong(
        {"origins": r"https://.*-team\.vercel\.app"},
        "Anybody can have such a name under vercel.app",
    ),
    Wrong({"origins": "file:///home/me"}, "Serve the pages from a local web server"),
    Wrong(
        {"origins": "https://pr-*.example.com"},
        r'Write re.compile(r"https://pr-[a-z0-9-]+\.example\.com") with '
        'accept_risks=["regex-origin"].',
    ),
    Wrong({"origins": "https://*github.io"}, "Anybody can have such a name under io"),
    Wrong({"origins": "https://*-app"}, "Anybody can have such a name: list yours"),
    # paths
    Wrong({"resources": {r".*": {"origins": A}}}, 'Write "/*".'),
    Wrong({"resources": {"*": {"origins": A}}}, 'Write "/*".'),
    Wrong({"resources": r"/api/.*", "origins": A}, 'Write "/api/*".'),
    Wrong({"resources": [r"^/api/.*$"], "origins": A}, 'Write "/api/*".'),
    Wrong({"resources": re.compile("/api/.+"), "origins": A}, 'Write "/api/*".'),
    Wrong(
        {"resources": {r"/(api|auth)/.*": {}}, "origins": A},
        'Write a rule for each: "/api/*", "/auth/*".',
    ),
    Wrong({"resources": {"/api*": {}}, "origins": A}, 'Write "/api/*".'),
    Wrong({"resources": {"/items/<int:id>": {}}, "origins": A}, 'Write "/items/*".'),
    Wrong({"resources": {"https://x.com/api/*": {}}, "origins": A}, 'Write "/api/*".'),
    # the others
    Wrong({"origins": A, "methods": ["GET, PUT"]}, '["GET", "PUT"]'),
    Wrong({"origins": A, "methods": "get"}, 'Write "GET".'),
    Wrong({"origins": A, "allow_headers": ["X-A, X-B"]}, '["X-A", "X-B"]'),
    Wrong(
        {"origins": A, "allow_headers": ["Content-Type: application/json"]},
        'Write "Content-Type".',
    ),
    Wrong({"origins": A, "allow_headers": "X-.*"}, '"*" for every header.'),
    Wrong({"origins": A, "allow_headers": "Origin"}, "Leave it out."),
    Wrong({"origins": A, "allow_headers": None}, UNSET),
    Wrong({"origins": A, "expose_headers": "Set-Cookie"}, "Leave it out."),
    Wrong(
        {"origins": A, "expose_headers": "Access-Control-Allow-Origin"}, "Leave it out."
    ),
    Wrong({"origins": A, "expose_headers": "X-Requested-With"}, "Leave it out"),
    Wrong({"origins": A, "supports_credentials": "true"}, "Write True or False"),
    Wrong({"origins": A, "supports_credentials": None}, UNSET),
    Wrong({"origins": A, "max_age": "600"}, "Write 600"),
    Wrong({"origins": "*", "supports_credentials": True}, "List the origins:"),
    Wrong(
        {"CORS_ORIGIN_ALLOW_ALL": True, "allow_credentials": True},
        'It is called "supports_credentials" here.',
        ("unknown-option", "origin-wildcard-credentials"),
    ),
]  # fmt: skip


def answer(wrong: Wrong) -> list[Problem]:
    """Return what ``CORS(app)`` says."""
    config = {key: value for key, value in wrong.options.items() if key.isupper()}
    options = {k: v for k, v in wrong.options.items() if k not in config}
    app = Flask(__name__)
    app.config.update(config)
    with pytest.raises(PolicyError) as caught:
        CORS(app, **options)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    "wrong", [*NAMES, *FORMS], ids=lambda wrong: str(wrong.options)
)
def test_a_wrong_name_or_form_is_answered_with_what_is_meant(wrong: Wrong) -> None:
    first, *others = answer(wrong)
    assert wrong.hint in first.hint
    assert tuple(problem.reason for problem in others) == wrong.more


def test_a_key_of_the_config_that_is_an_argument() -> None:
    for option in ("CORS_ORIGINS", "CORS_EXPOSE_HEADERS", "CORS_SUPPORTS_CREDENTIALS"):
        value = {"CORS_ORIGINS": A, "CORS_EXPOSE_HEADERS": "X-A"}.get(option, True)
        options: dict[str, Any] = {"origins": A, option: value}
        if option == "CORS_ORIGINS":
            del options["origins"]
        with pytest.raises(PolicyError) as caught:
            CORS(Flask(__name__), **options)
        (problem,) = caught.value.problems
        called = option.removeprefix("CORS_").lower()
        assert problem.hint == f'As an argument it is called "{called}".'


def test_an_option_with_two_names_is_told_once() -> None:
    with pytest.raises(PolicyError) as caught:
        CORS(Flask(__name__), origins=A, allow_origins="nonsense")  # type: ignore[call-arg]
    assert [problem.reason for problem in caught.value.problems] == ["unknown-option"]


BARE = """\
1 problem in the CORS policy:
  origins = None: A policy says which origins it allows; there is no default. Write one of these lines:
    CORS(app, origins=["https://app.example.com"])  # the pages of your front end
    CORS(app, origins="http://localhost:*")  # pages on this machine
    CORS(app, origins="*")  # every page, but without cookies
  If the application used Flask-CORS, flask cors migrate rewrites it. [origins-required]"""  # noqa: E501


def test_bare_cors_shows_the_lines_to_choose_from() -> None:
    with pytest.raises(PolicyError) as caught:
        CORS(Flask(__name__))
    assert str(caught.value) == BARE


@pytest.mark.parametrize("line", re.findall(r"CORS\(app.*\)", BARE))
def test_each_of_these_lines_makes_a_policy(line: str) -> None:
    exec(line, {"CORS": CORS, "app": Flask(__name__)})


def test_these_lines_keep_the_arguments_that_are_there() -> None:
    with pytest.raises(PolicyError) as caught:
        CORS(Flask(__name__), max_age=60)
    lines = re.findall(r"CORS\(app.*\)", str(caught.value))
    assert len(lines) == 3
    assert all(line.endswith(", ...)") for line in lines)


@pytest.mark.parametrize("in_config", [False, True])
def test_every_origin_is_not_offered_to_an_application_with_credentials(
    in_config: bool,
) -> None:
    app = Flask(__name__)
    app.config["CORS_SUPPORTS_CREDENTIALS"] = True
    options: dict[str, Any] = {} if in_config else {"supports_credentials": True}
    with pytest.raises(PolicyError) as caught:
        CORS(app, **options)
    lines = re.findall(r"CORS\(app.*\)", str(caught.value))
    assert len(lines) == 2
    assert "*" not in str(caught.value).replace("localhost:*", "")
    for line in lines:
        exec(line, {"CORS": CORS, "app": Flask(__name__)})
    for origins in (None, ["*", A]):
        with pytest.raises(PolicyError) as caught:
            CORS(app, origins=origins, **options)  # type: ignore[arg-type]
        assert not re.search(r"[Ww]rite .*\"\*\"", caught.value.problems[0].hint)


@pytest.mark.parametrize("credentials", [False, True])
def test_a_path_rule_and_a_view_without_origins_are_told_what_to_write(
    credentials: bool,
) -> None:
    options: dict[str, Any] = {"supports_credentials": True} if credentials else {}
    with pytest.raises(PolicyError) as caught:
        CORS(Flask(__name__), resources={"/api/*": {}}, **options)
    (problem,) = caught.value.problems
    assert problem.setting == "resources '/api/*': origins"
    assert '{"/api/*": {"origins": ["https://app.example.com"]}}' in problem.hint
    assert ('"*"' in problem.hint) is not credentials

    app = Flask(__name__)
    app.testing = True

    @app.get("/x")
    @cross_origin(**options)
    def view() -> str:
        return "x"

    with pytest.raises(PolicyError) as caught:
        app.test_client().get("/x")
    (problem,) = caught.value.problems
    assert problem.setting.startswith("@cross_origin on ")
    assert 'Write @cross_origin(origins=["https://app.example.com"])' in problem.hint
    assert ('"*"' in problem.hint) is not credentials


def test_a_blueprint_without_origins_is_told_what_to_write() -> None:
    app = Flask(__name__)
    app.testing = True
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("/x", view_func=lambda: "x", endpoint="x")
    CORS(blueprint)
    app.register_blueprint(blueprint)
    with pytest.raises(PolicyError) as caught:
        app.test_client().get("/x")
    (problem,) = caught.value.problems
    assert problem.setting == "CORS(...) on blueprint 'api': origins"
    expected = 'Write CORS(blueprint, origins=["https://app.example.com"]), or "*" for'
    assert problem.hint.startswith(expected)


def test_credentials_are_told_even_where_the_path_rule_is_wrong() -> None:
    app = Flask(__name__)
    options: dict[str, Any] = {
        "resources": {r"/api/.*": {"origins": "*"}, "/ok/*": {"origins": f"{A}/"}},
        "supports_credentials": True,
        "max_age": -1,
    }
    assert problems(lambda: CORS(app, **options)) == [
        ("CORS(app): resources['/api/.*']", "path-syntax"),
        ("CORS(app): max_age", "out-of-range"),
        ("CORS(app): resources['/api/.*']['origins']", "origin-wildcard-credentials"),
        ("CORS(app): resources['/ok/*']['origins']", "origin-path"),
    ]


def test_missing_origins_are_told_even_where_the_path_rule_is_wrong() -> None:
    app = Flask(__name__)
    assert problems(lambda: CORS(app, resources=[r"/api/.*", "/x"])) == [
        ("CORS(app): resources['/api/.*']", "path-syntax"),
        ("resources '/api/.*': origins", "origins-required"),
        ("resources '/x': origins", "origins-required"),
    ]


def test_options_beside_path_rules_that_replace_them_are_no_mistake() -> None:
    """Every path rule has origins of its own; only marks could inherit both."""
    app = Flask(__name__)
    CORS(
        app,
        origins="*",
        supports_credentials=True,
        resources={"/api/*": {"origins": A}},
    )


# Options of decorators and blueprints


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"origin": "*", "headers": ["Content-Type"], "supports_credentials": True},
            [
                ("origin", "unknown-option"),
                ("headers", "unknown-option"),
                ("origin", "origin-wildcard-credentials"),
            ],
        ),
        (
            {"expose_headers": "*", "supports_credentials": True},
            [("expose_headers", "expose-wildcard-credentials")],
        ),
        (
            {"origins": "http://a.example", "enforce": True, "accept_risks": []},
            [("origins", "origin-insecure")],
        ),
        # Whoever inherits a risk may write these.
        ({"origins": "http://a.example", "enforce": True}, []),
        ({"origins": "null"}, []),
    ],
)
@pytest.mark.parametrize("on_blueprint", [False, True])
def test_what_can_be_known_of_a_mark_is_told_when_it_is_put_on(
    options: dict[str, Any], expected: list[tuple[str, str]], on_blueprint: bool
) -> None:
    def put() -> None:
        if on_blueprint:
            CORS(Blueprint("api", __name__), **options)
        else:
            cross_origin(**options)(lambda: "x")

    if not expected:
        put()
        return
    found = problems(put)
    assert [(name.rpartition(": ")[2], reason) for name, reason in found] == expected


def test_a_mark_is_told_where_paths_belong() -> None:
    with pytest.raises(PolicyError) as caught:
        cross_origin(paths=["/x"])(lambda: "x")  # type: ignore[call-overload]
    (problem,) = caught.value.problems
    assert problem.hint.startswith("Paths belong to an application")


@pytest.mark.parametrize("origin", ["*", A])
def test_an_origin_in_the_place_of_a_named_policy(origin: str) -> None:
    with pytest.raises(PolicyError) as caught:
        cross_origin(origin)(lambda: "x")
    (problem,) = caught.value.problems
    assert problem.reason == "unknown-policy"
    assert problem.hint == f'Write @cross_origin(origins="{origin}").'


@pytest.mark.parametrize(
    ("resources", "hint", "more"),
    [
        (
            {"*": {"origins": A, "max_age": -1}},
            "Write its options as those of CORS(blueprint), without a path.",
            ["out-of-range"],
        ),
        ({"/a": {}, "/b": {}}, "Write CORS(app, resources=...).", []),
        (["/a"], "Write CORS(app, resources=...).", []),
        ({"/a": "partners"}, "Write CORS(app, resources=...).", []),
    ],
)
def test_path_rules_of_a_blueprint(resources: Any, hint: str, more: list[str]) -> None:
    options: dict[str, Any] = {"resources": resources}
    with pytest.raises(PolicyError) as caught:
        CORS(Blueprint("api", __name__), **options)
    first, *others = caught.value.problems
    assert first.hint == hint
    assert [problem.reason for problem in others] == more
