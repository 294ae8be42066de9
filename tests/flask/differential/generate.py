"""Random applications, requests and pages, of few parts that meet often."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random
from typing import Any

from tests.flask.differential import words
from tests.flask.differential.build import Built, build
from tests.flask.differential.describe import (
    App,
    Bp,
    Case,
    Handler,
    Layer,
    Mark,
    Options,
    Request,
    Rule,
    View,
    Visit,
    all_blueprints,
)
from tests.flask.differential.parts import Journal

REQUESTS = 20
VISITS = 5

# A URL rule and the methods that it serves.
Target = tuple[str, tuple[str, ...]]


class Dice(Random):
    """Random choices; the same for the same seed."""

    def chance(self, probability: float) -> bool:
        """Return ``True`` now and then."""
        return self.random() < probability

    def some(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return a few of *names*."""
        return tuple(name for name in names if self.chance(0.12))


class Generator(Dice):
    """Makes up one application.

    :param marked: whether anything in it may be marked.
    """

    def __init__(self, seed: float, marked: bool = True) -> None:
        super().__init__(seed)
        self.marked = marked
        self.theme = self.choice(words.THEMES)
        # Without CORS(app) there is nothing to take origins from.
        self.alone = marked and self.chance(0.15)
        often = self.alone or self.theme in ("methods", "blueprints")
        self.marks = 0.6 if often else self.choice([0.0, 0.2, 0.6])
        self.marks *= marked
        self.enforcing = self.theme == "methods" or self.chance(0.5)
        self.names = 0

    def name(self, kind: str) -> str:
        """Return a new name."""
        self.names += 1
        return f"{kind}{self.names}"

    def options(self, origins: bool) -> Options:
        """Return options; any two that are laid over each other are sound."""
        found: dict[str, Any] = {}
        if origins or self.chance(0.6):
            kind = self.random()
            if kind < 0.25:
                found = {"origins": "*", "supports_credentials": False}
            elif kind < 0.3:
                found = {"origins": ["null", words.A], "supports_credentials": False}
                found["accept_risks"] = ["null-origin"]
            else:
                found = {"origins": self.choice(words.ORIGINS)}
                if self.chance(0.5):
                    found["supports_credentials"] = self.chance(0.7)
        if origins:
            found["allow_headers"] = []
        for name, values in words.OPTIONS.items():
            if self.chance(0.25) and (self.enforcing or name != "enforce"):
                found[name] = self.choice(values)
        return found

    def mark(self, often: float = 1.0) -> Mark | None:
        """Return a mark, or nothing."""
        if not self.chance(self.marks * often):
            return None
        if self.chance(0.15):
            return Mark({}, exempt=True)
        return Mark(self.options(self.alone))

    def view(self) -> View:
        """Return a view."""
        name, rules = self.name("v"), self.rules()
        above, does = self.chance(0.2), self.choice(words.DOES)
        if self.theme != "methods" and self.chance(0.6):
            methods = dict.fromkeys(self.choices(words.METHODS, k=2))
            return View(name, rules, tuple(methods), self.mark(), above, does=does)
        names = dict.fromkeys(self.choices([*words.METHODS, "HEAD"], k=3))
        handlers = tuple(
            Handler(method.lower(), self.mark(0.6), self.choice(words.DOES))
            for method in names
        )
        decorators = None if above or self.chance(0.7) else self.mark()
        return View(name, rules, (), self.mark(0.6), above, decorators, handlers)

    def rules(self) -> tuple[Rule, ...]:
        """Return the URLs of a view."""
        if self.chance(0.06):
            return Rule("/pages/", defaults="page"), Rule("/pages/<int:page>")
        first = Rule(self.choice(words.PATHS), lax_slash=self.chance(0.15))
        if self.chance(0.75):
            return (first,)
        suffix = "_too" if self.chance(0.7) else ""
        return first, Rule(self.choice(words.PATHS), suffix)

    def blueprint(self, depth: int = 0) -> Bp:
        """Return a blueprint."""
        name = self.name("b")
        prefix = self.choice(words.PREFIXES)
        prefix = prefix and prefix.replace("tenant", f"tenant_of_{name}")
        views = tuple(self.view() for _ in range(self.randint(1, 2)))
        several = self.choice([0, 0, 1, 2][: 3 - depth])
        children = tuple(self.blueprint(depth + 1) for _ in range(several))
        return Bp(name, prefix, self.mark(), views, children, self.chance(0.15))

    def layers(self, mounts: bool, adds: bool = False) -> tuple[Layer, ...]:
        """Return WSGI middleware; at most one of it mounts another application.

        :param adds: it may add headers to responses that are still inside.
        """
        found: list[Layer] = []
        several = [1, 2] if self.theme == "mounts" else [0, 0, 0, 1, 2]
        for _ in range(self.choice(several)):
            more = 4 if self.theme == "mounts" else 1
            kinds = words.LAYERS + ["dispatcher", "own"] * (more if mounts else 0)
            if adds and all(each.app is None for each in found):
                kinds += ["adds"]
            kind = self.choice(kinds)
            if kind == "answers":
                path = self.choice(["/layer", "/items", "/admin/users"])
                found.append(Layer(kind, path))
            elif kind in ("dispatcher", "own"):
                found.append(Layer(kind, words.MOUNT, self.mounted()))
                mounts = False
            else:
                found.append(Layer(kind))
        return tuple(found)

    def mounted(self) -> App:
        """Return an application without layers, with or without a policy."""
        inner = Generator(self.random(), self.marked)
        inner.theme = ""
        if self.chance(0.3):
            inner.alone, inner.marks = True, 0.0
        return inner.app(simple=True)

    def app(self, simple: bool = False) -> App:
        """Return an application."""
        several = [1, 2] if self.theme == "blueprints" else [0, 0, 1]
        count = self.choice(several)
        blueprints = tuple(self.blueprint() for _ in range(count))
        rules = not self.alone and (self.theme == "rules" or self.chance(0.4))
        several = [3, 4] if self.theme == "rules" else [0, 1, 2]
        paths = self.sample(words.RULES, self.choice(several))
        inside = () if simple else self.layers(not self.alone, not self.alone)
        mounts = all(layer.app is None for layer in inside)
        before = self.some(words.BEFORE)
        if self.theme == "methods":
            before = ("override", *(name for name in before if name != "override"))
        return App(
            "sub" if simple else "app",
            None if self.alone else self.options(True),
            {path: self.options(False) for path in paths} if rules else None,
            self.chance(0.3) and not any(bp.mark for bp in all_blueprints(blueprints)),
            tuple(self.view() for _ in range(self.randint(1, 4))),
            blueprints,
            before,
            self.some(words.AFTER),
            inside,
            () if simple or self.alone else self.layers(mounts),
            self.chance(0.9),
            self.chance(0.15),
        )


def targets(built: Built, prefix: str = "") -> list[Target]:
    """Return the URLs of an application, and of what is mounted in it."""
    found: list[Target] = [(f"{prefix}/unknown", ("GET",))]
    for rule in built.flask.url_map.iter_rules():
        methods = (rule.methods or set()) - {"OPTIONS", "HEAD"}
        found.append((prefix + rule.rule, tuple(sorted(methods or {"HEAD"}))))
    for layer in (*built.described.inside, *built.described.outside):
        if layer.app is not None:
            found += targets(built.mounted[layer.app.name], layer.path)
        elif layer.path:
            found.append((layer.path, ("GET",)))
    return found


class Asker(Dice):
    """Makes up requests to one application."""

    def __init__(self, seed: float, app: App, among: list[Target]) -> None:
        super().__init__(seed)
        self.among = among
        kinds = [layer.kind for layer in (*app.inside, *app.outside)]
        self.override = 0.4 if "override" in (*kinds, *app.before) else 0.03
        # With a layer that adds headers, nobody can say what a bypass adds.
        self.bypass = 0.2 if app.cors is not None and "adds" not in kinds else 0.0

    def path(self, rule: str) -> str:
        """Return a path: most are served, some are not, some are twisted."""
        path = re.sub("<[^>]*>", lambda _: self.choice(words.VALUES), rule)
        path = words.VERSION + path if self.chance(0.1) else path
        if self.chance(0.75):
            return path
        at = self.randrange(len(path) + 1)
        return self.choice(
            [
                f"/{path}",
                f"{path}/",
                f"{path[:at]}/{path[at:]}",
                path.replace("/", "//"),
                path.replace("/", "/./", 1),
                f"/x/..{path}",
                path.upper(),
                path.removesuffix("/"),
                f"{path}/unknown",
            ]
        )

    def request(self) -> Request:
        """Return a request."""
        rule, methods = self.choice(self.among)
        origin = self.choice(
            [words.OWN, *words.JUNK] if self.chance(0.08) else words.PAGES
        )
        path, served = self.path(rule), self.chance(0.8)
        old = self.chance(self.bypass)
        root = "/root" if self.chance(0.05) else ""
        if self.chance(0.4):
            found = {"Origin": origin}
            asked = (methods or words.METHODS) if served else words.ANNOUNCED
            found["Access-Control-Request-Method"] = self.choice(asked)
            if self.chance(0.5):
                found["Access-Control-Request-Headers"] = self.choice(words.NAMES)
            found.update(self.extras(0.05))
            return Request("OPTIONS", path, found, old, root)
        found = {} if self.chance(0.2) else {"Origin": origin}
        if self.chance(0.3):
            sites = ["cross-site", "same-site", "same-origin", "none"]
            found["Sec-Fetch-Site"] = self.choice(sites)
        if self.chance(0.05):
            found["Upgrade"] = "websocket"
        found.update(self.extras(self.override))
        method = (
            self.choice(methods or words.METHODS)
            if served
            else self.choice(words.ACTUAL)
        )
        return Request(method, path, found, old, root)

    def extras(self, override: float) -> dict[str, str]:
        """Return headers that have nothing to do with CORS."""
        found = {}
        if self.chance(0.25):
            found["Cookie"] = self.choice(words.COOKIES)
        if self.chance(override):
            said = self.choice(["DELETE", "PUT", "GET"])
            found["X-HTTP-Method-Override"] = said
        for name in ("X-Boom", "X-Answer"):
            if self.chance(0.04):
                found[name] = "1"
        if self.chance(0.05):
            found["X-Forwarded-Prefix"] = "/outer"
        return found

    def visit(self) -> Visit:
        """Return a page that sends a few requests."""
        rule, methods = self.choice(self.among)
        asked = [*words.METHODS, *methods, *methods]
        names: list[tuple[str, ...]] = [(), (), ("x-a",), ("content-type",)]
        steps = tuple((self.choice(asked), self.choice(names)) for _ in range(3))
        return Visit(self.choice(words.PAGES), self.path(rule), steps, self.chance(0.5))


def random_case(seed: int, marked: bool = True) -> Case:
    """Return an application, and requests to it.

    :param marked: whether anything in it may be marked.
    """
    app = Generator(seed, marked).app()
    asker = Asker(seed, app, targets(build(app, Journal(), policies=False)))
    asked = [asker.request() for _ in range(REQUESTS)]
    return Case(app, tuple(asked), tuple(asker.visit() for _ in range(VISITS)))
