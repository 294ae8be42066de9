"""The words that random applications and requests are made of: few, to meet often."""

from __future__ import annotations

from typing import Any

A = "https://a.example"
B = "https://b.example"
OWN = "https://api.example.com"
PAGES = [A, A, A, B, "https://app.c.example", "https://evil.example", "null"]
JUNK = ["https://a.example.evil.example", "https://A.example", "a.example", f"{A}, {B}"]

# These stand for functions, and for what those allow.
FUNCTIONS = {"function:a": {A}, "function:b": {B}}
ORIGINS: list[Any] = [A, A, B, [A, B], "https://*.c.example", *FUNCTIONS]
OPTIONS: dict[str, list[Any]] = {
    "methods": [["PUT"], ["PUT", "DELETE"], "*", ["GET", "PATCH"]],
    "allow_headers": [
        [],
        ["X-A"],
        ["X-A", "Content-Type"],
        "*",
        ["*", "Authorization"],
    ],
    "expose_headers": ["X-View", ["X-View", "X-After"]],
    "max_age": [0, 600],
    "preflight_status": [200, 204],
    "timing_allow_origin": [True, False],
    "enforce": [True, True, False],
}

PATHS = [
    *("/", "/items", "/items", "/items/", "/items/<int:n>", "/items/<int:n>"),
    *("/items/<path:rest>", "/items/<digits:n>", "/files/<path:rest>", "/<word>"),
    *("/a/b", "/admin/users", "/me/<cookie:who>", "/me/<who>"),
    *("/x/<boom:value>", "/x/<boom:value>", "/x/<value>"),
]
VALUES = ["1", "2", "042", "boom", "a", "users", "a//b", "a/../b"]
PREFIXES = [None, None, "/api", "/admin", "/items", "/a", "/t/<tenant>"]
RULES = [
    "/*",
    "/items/*",
    "/items",
    "/admin/*",
    "/api/*",
    "/api/items",
    "/a/b",
    "/me/*",
]
MOUNT = "/sub"
VERSION = "/v1"

METHODS = ["GET", "GET", "POST", "PUT", "PATCH", "DELETE"]
ACTUAL = [*METHODS, "POST", "HEAD", "OPTIONS", "PURGE"]
ANNOUNCED = [*METHODS, "HEAD", "OPTIONS", "PURGE", "patch", "a b", "X" * 65, "P,T"]
NAMES = [
    "x-a",
    "content-type",
    "authorization",
    "x-a,x-b",
    "authorization,content-type",
]
COOKIES = ["user=1", "user=2", "other=1"]

DOES = ["text"] * 8 + ["stream", "abort", "redirect", "raise", "session", "cookie"]
DOES += ["strays", "strays", "vary-all", "upgrade"]
BEFORE = ["login", "override", "answer", "boom", "teardown"]
AFTER = ["strays", "after", "errors"]
LAYERS = ["proxy", "override", "strips", "moves", "answers"]
# What an application has more of.
THEMES = ["", "", "methods", "blueprints", "rules", "mounts"]
