"""Teach: examples of tags are given and taken back, one by one or from a table; each counts at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connector_core.engine import Engine
from connector_core.operations.predict import owe, settle
from connector_core.store.store import TenantStore
from model_service.errors import Refuse, TaggingError

MOST = 10_000
"""lines of a table"""
TOGETHER = 200
"""lines a transaction: others come in between"""
TOLD = 100
"""problems that are told; the rest is only counted"""
COLUMNS = ("path", "name", "tag", "sku", "group", "shoot")


def teach(
    mine: TenantStore, asset: str, tag: str, *, yes: bool = True, person: str, shoot: str = "", source: str = "person"
) -> bool:
    """An asset shows a tag, or does not; false if that was known. Raises Gone where either does not exist."""
    mine.assets.one(asset)
    mine.vocabulary.one(tag)
    if not mine.examples.teach(asset, tag, yes=yes, source=source, shoot=shoot):
        return False
    mine.access.log(person, "example", asset, {"tag": tag, "yes": yes, "source": source})
    _follow(mine, [asset])
    return True


def forget(mine: TenantStore, asset: str, tag: str, *, person: str) -> bool:
    """The asset is no example of the tag any more; false if it was none."""
    if not mine.examples.forget(asset, tag):
        return False
    mine.access.log(person, "example taken back", asset, {"tag": tag})
    _follow(mine, [asset])
    return True


@dataclass(slots=True)
class Taught:
    """What became of a table."""

    lines: int = 0
    added: int = 0
    known: int = 0
    failed: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)
    """line and reason, of the first that failed"""

    def fail(self, line: int, reason: str) -> None:
        """A line could not be used."""
        self.failed += 1
        if len(self.problems) < TOLD:
            self.problems.append((line, reason))


def teach_table(engine: Engine, tenant: str, text: str, *, person: str) -> Taught:
    """Learn a CSV table: ``path`` or ``name`` says which asset, ``tag`` or ``sku`` what it shows.

    A tag that does not exist is made, in the group that ``group`` says. Lines that cannot be used are told, the
    others count. Raises Refuse for what is no such table, and for one of too many lines.
    """
    lines, taught = list(_lines(text)), Taught()
    taught.lines = len(lines)
    for start in range(0, len(lines), TOGETHER):
        with engine.store.tenant(tenant) as mine:
            _learn(mine, lines[start : start + TOGETHER], taught)
            if start + TOGETHER >= len(lines):
                mine.access.log(person, "examples imported", "", {"added": taught.added, "failed": taught.failed})
    return taught


def _learn(mine: TenantStore, lines: Sequence[tuple[int, dict[str, str]]], taught: Taught) -> None:
    said = [line.get("path") or line.get("name") or "" for _, line in lines]
    # Some hosts hand over paths in small letters; people write them as they see them.
    places = mine.lists.places([*said, *(one.lower() for one in said)])
    changed = []
    for number, line in lines:
        try:
            asset, tag = _asset(line, places), _tag(mine, line)
            is_new = mine.examples.teach(asset, tag, source="import", shoot=line.get("shoot", ""))
        except TaggingError as error:
            taught.fail(number, str(error))
            continue
        taught.added, taught.known = taught.added + is_new, taught.known + (not is_new)
        if is_new:
            changed.append(asset)
    if changed:
        _follow(mine, list(dict.fromkeys(changed)))


def _follow(mine: TenantStore, assets: Sequence[str]) -> None:
    settle(mine, assets)
    owe(mine, assets, mine.pushes.batch_of("examples", "What examples show"))
    mine.later("predict")


def _asset(line: dict[str, str], places: dict[str, list[str]]) -> str:
    said = line.get("path") or line.get("name") or ""
    found = places.get(said) or places.get(said.lower(), [])
    if not found:
        raise Refuse(f"There is no asset {said!r}.")
    if len(found) > 1:
        raise Refuse(f"{len(found)} assets are called {said!r}; write the path.")
    return found[0]


def _tag(mine: TenantStore, line: dict[str, str]) -> str:
    said = line.get("tag") or line.get("sku") or ""
    found = mine.vocabulary.find(said)
    if len(found) > 1 and line.get("group"):
        groups = mine.vocabulary.groups()
        found = [word.id for word in mine.vocabulary.all(found) if groups[word.group] == line["group"]]
    if len(found) > 1:
        raise Refuse(f"{len(found)} tags are called {said!r}; write the group as well.")
    if found:
        return found[0]
    if not line.get("tag"):
        raise Refuse(f"There is no tag with the SKU {said!r}.")
    return mine.vocabulary.tag(line["tag"], line.get("group") or "product", sku=line.get("sku", ""))


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Numbers and fields of the lines that are not empty; comma, semicolon or tab."""
    head = text.partition("\n")[0]
    table = csv.DictReader(io.StringIO(text, newline=None), delimiter=max(",;\t", key=head.count))
    try:
        names = [(name or "").strip().lower() for name in table.fieldnames or ()]
        if not {"path", "name"} & set(names) or not {"tag", "sku"} & set(names):
            raise Refuse("The first line must name the columns: path or name, and tag or sku.")
        table.fieldnames = names
        count = 0
        for row in table:
            line = {name: " ".join((row.get(name) or "").split()) for name in COLUMNS}
            if any(line.values()):
                count += 1
                if count > MOST:
                    raise Refuse(f"At most {MOST:,} lines are taken at once; send the table in parts.")
                yield table.line_num, line
    except csv.Error as error:
        raise Refuse(f"Line {table.line_num} cannot be read: {error}.") from error
