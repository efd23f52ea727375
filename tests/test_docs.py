"""The pages say what the program can do: every command, setting and error, and every link leads somewhere."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

import connector_core.errors
import model_service.errors
from connector_core.cli import main
from connector_core.settings import Settings
from model_service.errors import TaggingError

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
LINK = re.compile(r"\]\(([^)\s]+)\)")
ERRORS = sorted(
    name
    for module in (model_service.errors, connector_core.errors)
    for name, found in inspect.getmembers(module, inspect.isclass)
    if issubclass(found, TaggingError)
)


@pytest.mark.parametrize("command", sorted(main.commands))
def test_the_page_on_the_command_line_shows_every_command(command: str) -> None:
    assert re.search(rf"^    propernoun {command}\b", TEXT[ROOT / "docs" / "cli.md"], re.MULTILINE)


@pytest.mark.parametrize("command", sorted(main.commands))
def test_the_page_on_the_command_line_names_every_option(command: str) -> None:
    options = [name for one in main.commands[command].params for name in one.opts if name.startswith("--")]
    assert [name for name in options if name not in TEXT[ROOT / "docs" / "cli.md"]] == []


@pytest.mark.parametrize("setting", [field.name for field in dataclasses.fields(Settings)])
def test_the_page_on_the_command_line_names_every_setting(setting: str) -> None:
    assert f"| `PROPERNOUN_{setting.upper()}` |" in TEXT[ROOT / "docs" / "cli.md"]


@pytest.mark.parametrize("error", sorted(set(ERRORS)))
def test_the_architecture_names_every_error(error: str) -> None:
    assert f"`{error}`" in TEXT[ROOT / "docs" / "architecture.md"]


def test_the_licences_name_every_core_dependency() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert listed
    names = re.findall(r'"([a-z0-9-]+)', listed.group(1))
    assert names and [name for name in names if f"| [{name}](" not in TEXT[ROOT / "docs" / "licences.md"]] == []


def test_the_readme_gives_the_two_commands() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for target in ("demo", "test"):
        assert target in targets
        assert f"\n    make {target}\n" in TEXT[ROOT / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_local_link_of_a_page_leads_somewhere(page: Path) -> None:
    local = [link for link in LINK.findall(TEXT[page]) if not re.match(r"[a-z]+:|#", link)]
    lost = [link for link in local if not (page.parent / unquote(link.partition("#")[0])).exists()]
    assert lost == []
