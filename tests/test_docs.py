"""The documentation is true: its code runs, and it names every part, setting and command."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from assortment.cli import app
from assortment.config import spelt
from assortment.parts import PARTS

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
CODE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", [page for page in PAGES if CODE.search(page.read_text())], ids=lambda page: page.name)
def test_the_code_of_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text()
    space: dict[str, object] = {"__name__": "page"}
    for block in CODE.finditer(text):
        line = text[: block.start(1)].count("\n")
        exec(compile("\n" * line + block.group(1), str(page), "exec"), space)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path):
    for target in LINK.findall(page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


@pytest.mark.parametrize("name", PARTS)
def test_the_page_of_settings_names_every_part_and_every_setting_of_it(name: str):
    page = (ROOT / "docs" / "settings.md").read_text()
    section = re.search(rf"^### `{name}`$(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, f"docs/settings.md has no section ### `{name}`"
    for field in fields(PARTS[name]):
        row = re.search(rf"^\| `{field.name}` \| (.*?) \|", section.group(1), re.MULTILINE)
        assert row, f"docs/settings.md does not say what {name}.{field.name} is"
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        said = "required" if default is MISSING else "none" if default is None else f"`{spelt(default)}`"
        assert row.group(1) == said, f"docs/settings.md says {row.group(1)} of {name}.{field.name}, which is {said}"


def test_the_page_of_commands_names_every_command():
    page = (ROOT / "docs" / "commands.md").read_text()
    for command in app.registered_commands:
        assert f"assortment {command.name or command.callback.__name__}" in page


def test_what_is_committed_names_no_place_of_the_machine_it_was_made_on():
    here = str(ROOT.resolve())
    for page in PAGES:
        assert here not in page.read_text()
