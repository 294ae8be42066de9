"""CHANGES.md is written in the usual form, and only what it names is released."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.changelog import ROOT, UNRELEASED, main, release, sections, version

CHANGES = ROOT.joinpath("CHANGES.md").read_text("utf-8")
SAMPLE = """\
# Changelog

## Unreleased

## 0.2.0 - 2027-01-31

### Added

- A thing.

### Fixed

- Another.

## 0.1.0 - 2026-12-01

### Added

- Everything.
"""


def test_the_changelog_has_the_usual_form() -> None:
    found = sections(CHANGES)

    assert found[0].version in (UNRELEASED, version())
    assert all(each.kinds for each in found if each.version != UNRELEASED)


def test_the_sections_are_read() -> None:
    first, second, third = sections(SAMPLE)

    assert first == (UNRELEASED, (), "")
    assert second.version == "0.2.0"
    assert second.kinds == ("Added", "Fixed")
    assert third.text == "### Added\n\n- Everything."


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("## 0.2.0 (unreleased)", id="no date"),
        pytest.param("## 0.2 - 2027-01-31", id="no full version"),
        pytest.param("## Unreleased\n\n### New", id="another kind"),
        pytest.param("## Unreleased\n\n### Fixed\n\n### Added", id="another order"),
    ],
)
def test_another_form_is_an_error(wrong: str) -> None:
    with pytest.raises(ValueError, match="not"):
        sections(f"# Changelog\n\n{wrong}\n")


def test_the_version_that_the_tag_names_is_released() -> None:
    problem, text = release("v0.2.0", "0.2.0", sections(SAMPLE))

    assert not problem
    assert text == "### Added\n\n- A thing.\n\n### Fixed\n\n- Another."


@pytest.mark.parametrize(
    ("tag", "project", "text"),
    [
        pytest.param("v0.2.1", "0.2.0", SAMPLE, id="another tag"),
        pytest.param("0.2.0", "0.2.0", SAMPLE, id="a tag without v"),
        pytest.param("v0.3.0", "0.3.0", SAMPLE, id="not in the changelog"),
        pytest.param("v0.1.0", "0.1.0", SAMPLE, id="an older one"),
        pytest.param(
            "v0.2.0",
            "0.2.0",
            SAMPLE.replace("## Unreleased\n", "## Unreleased\n\n### Fixed\n\n- x\n"),
            id="changes above it are not released",
        ),
    ],
)
def test_what_does_not_agree_is_not_released(tag: str, project: str, text: str) -> None:
    problem, _ = release(tag, project, sections(text))
    assert problem


def test_the_command_prints_the_section_or_fails(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    tmp_path.joinpath("CHANGES.md").write_text(SAMPLE, "utf-8")
    tmp_path.joinpath("pyproject.toml").write_text('version = "0.2.0"\n', "utf-8")
    monkeypatch.setattr("tools.changelog.ROOT", tmp_path)

    assert main(["v0.2.0"]) == 0
    assert "A thing." in capsys.readouterr().out
    assert main(["v0.1.0"]) == 1
    assert "pyproject.toml 0.2.0" in capsys.readouterr().err
