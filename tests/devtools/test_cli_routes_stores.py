"""``flask cors routes`` shows the state of the stores that policies ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fakeredis
from flask import Flask

from flask_cors_policy import CORS, cross_origin
from flask_cors_policy.devtools.cli import cors
from flask_cors_policy.sources import CachedOrigins, RedisOrigins, SQLAlchemyOrigins


def shown(*origins: Any) -> list[str]:
    """Return the lines below the table, for an application and one view."""
    app = Flask(__name__)
    CORS(app, origins=[*origins])
    app.add_url_rule("/", "index", cross_origin(max_age=5)(lambda: "ok"))
    result = app.test_cli_runner().invoke(cors, ["routes"])
    assert result.exit_code == 0
    lines: list[str] = result.output.splitlines()
    last = next(n for n, line in enumerate(lines) if line.startswith("(any other"))
    return lines[last + 1 :]


def test_store_that_works_and_one_that_fails_have_a_line_each() -> None:
    def fails(origin: str) -> bool:
        raise OSError("down\nfor good")

    works = CachedOrigins(lambda origin: False, store_name="the list")
    broken = CachedOrigins(fails, store_name="the table")
    assert shown(works, broken, "https://a.example") == [
        "the list: works",
        "the table: fails since 0 s (OSError: down\\nfor good); breaker closed",
    ]


def test_store_of_tenants_without_one_is_not_asked() -> None:
    source = CachedOrigins(
        lambda origin, environ: True,
        key=lambda origin, environ: environ["tenant"],
        store_name="the tenants",
    )
    assert shown(source) == ["the tenants: not asked yet in this process"]


def test_ready_sources_are_shown_too(tmp_path: Path) -> None:
    table = SQLAlchemyOrigins(f"sqlite:///{tmp_path}/origins.db", timeout=20)
    table.create_table()
    redis = RedisOrigins(fakeredis.FakeRedis(), timeout=20)
    lines = shown(table, redis)
    assert lines[0].startswith("table cors_origins of sqlite:")
    assert lines[0].endswith(": works")
    assert lines[1].startswith("Redis set cors:origins at ")
    assert ": works; changes " in lines[1]
    redis.close()
    table.close()
