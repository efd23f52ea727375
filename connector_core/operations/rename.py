"""Rename: other words for tags, and what hosts show for them follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from connector_core.store.store import TenantStore


def change_tag(mine: TenantStore, tag: str, values: Mapping[str, Any], *, person: str) -> None:
    """Change name, SKU, parent or whether a tag is archived. Raises Gone, Refuse."""
    mine.vocabulary.change(tag, **values)
    mine.access.log(person, "tag changed", tag, dict(values))
    _follow(mine, [tag], person)


def call(mine: TenantStore, tag: str, locale: str, label: str, aliases: Sequence[str], *, person: str) -> None:
    """Say what a tag is called in a language. Raises Gone."""
    mine.vocabulary.call(tag, locale, label, aliases)
    mine.access.log(person, "tag called", tag, {"locale": locale})
    _follow(mine, [tag], person)


def speak(mine: TenantStore, values: Mapping[str, Any], *, person: str) -> None:
    """Change what the tenant is called, its risk, or the language that its hosts are written to in."""
    mine.change(**values)
    mine.access.log(person, "tenant changed", mine.id, dict(values))
    if "locale" in values:
        _follow(mine, None, person)


def _follow(mine: TenantStore, tags: Collection[str] | None, person: str) -> None:
    """Owe the hosts the words that they show otherwise by now."""
    called = mine.vocabulary.label(mine.tenant().locale, tags)
    other = [one.asset for one in mine.pushes.shown(called) if one.name != called[one.tag]]
    if other:
        mine.pushes.owe(list(dict.fromkeys(other)), mine.pushes.batch("renamed", "Other words", person))
        for connection in mine.pushes.waiting():
            mine.later("push", connection)
