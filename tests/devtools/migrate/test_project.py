"""Projects of several modules: what one says about the options of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_cors_policy.devtools.migrate import project
from flask_cors_policy.devtools.migrate.migration import migrate


def written(folder: Path, **modules: str) -> Path:
    """Write modules, each with an import of Flask-CORS if it has CORS in it."""
    for name, code in modules.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
    return folder


def rewritten(folder: Path) -> dict[str, str]:
    """Return the new text of each module that changes, by its name."""
    changed = migrate([str(folder)]).changed
    return {Path(each.file.path).stem: each.text for each in changed}


def codes(folder: Path) -> list[str]:
    return [each.note.code for each in migrate([str(folder)]).findings]


def test_an_extension_is_made_in_another_module(tmp_path: Path) -> None:
    written(
        tmp_path,
        extensions="from flask_cors import CORS\ncors = CORS(supports_credentials=1)\n",
        app="from extensions import cors\ncors.init_app(app, origins='https://a.example')\n",
    )
    assert rewritten(tmp_path) == {
        "extensions": "from flask_cors_policy import CORS\n"
        "cors = CORS(supports_credentials=True)\n",
        "app": "from extensions import cors\ncors.init_app(app, "
        "origins='https://a.example', allow_headers=['*', 'Authorization'])\n",
    }


def test_the_class_is_imported_from_another_module(tmp_path: Path) -> None:
    written(
        tmp_path,
        web__base="from flask_cors import CORS as Cors, cross_origin\n",
        web__app="from .base import Cors\nCors(app, origins='https://a.example')\n",
    )
    assert rewritten(tmp_path)["app"] == (
        "from .base import Cors\nCors(app, origins='https://a.example', "
        "allow_headers=['*', 'Authorization'])\n"
    )


def test_origins_of_another_module_are_read_and_written_out(tmp_path: Path) -> None:
    written(
        tmp_path,
        settings="ORIGINS = ['https://a.example/', 'https://b.example']\n",
        app="import settings\nfrom flask_cors import CORS\n"
        "CORS(app, origins=settings.ORIGINS)\n",
    )
    assert rewritten(tmp_path) == {
        "app": "import settings\nfrom flask_cors_policy import CORS\n"
        'CORS(app, origins=["https://b.example"], '
        'allow_headers=["*", "Authorization"])\n'
    }
    assert "origin-never-matched" in codes(tmp_path)


def test_a_list_that_other_modules_import_stays(tmp_path: Path) -> None:
    app = (
        "from flask_cors import CORS\nORIGINS = ['https://a.example/', "
        "'https://b.example']\nCORS(app, origins=ORIGINS)\n"
    )
    written(tmp_path, app=app, other="from app import ORIGINS\n")
    assert "ORIGINS = ['https://a.example/', " in rewritten(tmp_path)["app"]


def test_settings_that_change_are_left_as_they_are(tmp_path: Path) -> None:
    written(
        tmp_path,
        settings="ORIGINS = []\nif debug:\n    ORIGINS.append('x')\n",
        app="import settings\nfrom flask_cors import CORS\n"
        "CORS(app, origins=settings.ORIGINS)\n",
    )
    assert "unknown-value" in codes(tmp_path)
    assert "origins=settings.ORIGINS" in rewritten(tmp_path)["app"]


def test_names_in_the_origins_of_another_module_are_left_as_they_are(
    tmp_path: Path,
) -> None:
    written(
        tmp_path,
        settings="HOST = 'https://a.example/'\nORIGINS = [HOST, 'https://b.example']\n",
        app="import settings\nfrom flask_cors import CORS\n"
        "CORS(app, origins=settings.ORIGINS)\n",
    )
    assert "unknown-value" in codes(tmp_path)
    assert "origins=settings.ORIGINS" in rewritten(tmp_path)["app"]


def test_a_module_of_settings_imports_what_its_new_values_need(tmp_path: Path) -> None:
    written(
        tmp_path,
        config="CORS_ORIGINS = r'https://a[0-9]+\\.example$'\n",
        app="import config\nfrom flask_cors import CORS\n"
        "app.config.from_object(config)\nCORS(app)\n",
    )
    assert rewritten(tmp_path)["config"] == (
        'import re\nCORS_ORIGINS = re.compile(r"https://a[0-9]+\\.example")\n'
    )


def test_keys_in_a_module_of_settings_are_rewritten(tmp_path: Path) -> None:
    written(
        tmp_path,
        config="import os\nCORS_ORIGINS = 'https://a.example/'\n"
        "CORS_MAX_AGE = '600'\nCORS_ENABLED = os.getenv('CORS_ENABLED')\n",
        app="import config\nfrom flask_cors import CORS\n"
        "app.config.from_object(config)\nif app.config['CORS_ENABLED']:\n"
        "    CORS(app, origins='https://b.example')\n",
    )
    assert rewritten(tmp_path) == {
        "config": "import os\nCORS_MAX_AGE = 600\n"
        "APP_CORS_ENABLED = os.getenv('CORS_ENABLED')\n",
        "app": "import config\nfrom flask_cors_policy import CORS\n"
        "app.config.from_object(config)\nif app.config['APP_CORS_ENABLED']:\n"
        "    CORS(app, origins='https://b.example', "
        "allow_headers=['*', 'Authorization'])\n",
    }


def test_modules_without_cors_are_left_alone(tmp_path: Path) -> None:
    written(tmp_path, models="class Model: ...\n", other="x = 'CORS'\n")
    assert rewritten(tmp_path) == {}
    assert codes(tmp_path) == []


def test_a_null_character_is_no_python(tmp_path: Path) -> None:
    written(tmp_path, odd="CORS\0\n")
    assert len(migrate([str(tmp_path)]).skipped) == 1


def test_what_a_parser_has_no_memory_for_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise MemoryError

    monkeypatch.setattr(f"{project.__name__}.ast.parse", fail)
    written(tmp_path, large="from flask_cors import CORS\n")
    (skipped,) = migrate([str(tmp_path)]).skipped
    assert skipped.reason == project.TOO_DEEP


def test_files_that_cannot_be_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, app="from flask_cors import CORS\n")
    tmp_path.joinpath("requirements.txt").write_text("flask-cors\n", "utf-8")

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", fail)
    monkeypatch.setattr(Path, "read_text", fail)
    skipped = migrate([str(tmp_path)]).skipped
    assert {each.reason for each in skipped} == {"cannot be read: Permission denied"}
    assert len(skipped) == 2
