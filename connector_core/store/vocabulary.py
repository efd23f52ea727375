"""The vocabulary of a tenant: groups, tags, and the words for them in every language."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select, union

from connector_core.errors import Gone
from connector_core.fold import fold, searched
from connector_core.names import named
from connector_core.store.rows import Word
from connector_core.store.scope import Scope, fresh
from connector_core.store.tables import groups, tags, words
from model_service.errors import Refuse


class Vocabulary(Scope):
    """The tags of one tenant."""

    def group(self, name: str, *, exclusive: bool = True) -> str:
        """The id of the group of this name, made if there is none."""
        self._upsert(groups, [{"id": fresh(), "name": named(name), "exclusive": exclusive}], ["name"])
        found: str = self._db.execute(
            self._select(groups, groups.c.name == named(name), what=[groups.c.id])
        ).scalar_one()
        return found

    def change_group(self, group: str, name: str) -> None:
        """Call a group otherwise. Raises Gone; Refuse if the name is taken."""
        taken = self._select(groups, groups.c.name == named(name), groups.c.id != group, what=[groups.c.id])
        if self._db.execute(taken).first():
            raise Refuse(f"There is already a group {name}.")
        mine = self._update(groups, groups.c.id == group)
        if not self._db.execute(mine.values(name=named(name))).rowcount:
            raise Gone("There is no such group.")

    def groups(self) -> dict[str, str]:
        """Names of groups by id."""
        return {row.id: row.name for row in self._db.execute(self._select(groups))}

    def tag(self, name: str, group: str = "product", *, sku: str = "", parent: str | None = None) -> str:
        """The id of the tag of this name in the group of that name; both are made if there are none."""
        home, name = self.group(group), named(name)
        asked = self._select(tags, tags.c.group == home, tags.c.name == name, what=[tags.c.id])
        found: str | None = self._db.execute(asked).scalar()
        if found is not None:
            return found
        made = {"id": fresh(), "group": home, "name": name, "sku": sku, "parent": parent, "created": time.time()}
        self._insert(tags, [{**made, "folded": fold(name), "folded_sku": fold(sku), "called": searched(name, sku)}])
        return str(self._db.execute(asked).scalar_one())

    def one(self, tag: str) -> Word:
        """One tag. Raises Gone."""
        found = self.all([tag])
        if not found:
            raise Gone("There is no such tag.")
        return found[0]

    def all(self, ids: Collection[str] | None = None) -> list[Word]:
        """Tags by name; all, or those of these ids that exist."""
        asked = self._select(tags) if ids is None else self._select(tags, tags.c.id.in_(list(ids)))
        return [Word.of(row) for row in self._db.execute(asked.order_by(tags.c.name, tags.c.id))]

    def named(self, name: str) -> list[Word]:
        """Tags of exactly this name, one a group at most."""
        return [Word.of(row) for row in self._db.execute(self._select(tags, tags.c.name == named(name)))]

    def change(self, tag: str, **values: object) -> None:
        """Set name, sku, parent or archived. Raises Gone; Refuse if the name is taken or a parent is its own."""
        if extra := set(values) - {"name", "sku", "parent", "archived"}:
            raise ValueError(f"tags have no {sorted(extra)}")
        was = self.one(tag)
        if "name" in values:
            values["name"] = named(str(values["name"]))
            taken = self._select(tags, tags.c.group == was.group, tags.c.name == values["name"], tags.c.id != tag)
            if self._db.execute(taken).first():
                raise Refuse(f"There is already a tag {values['name']} in this group; merge the two instead.")
        if values.get("parent"):
            self._climb(tag, str(values["parent"]))
        self._db.execute(self._update(tags, tags.c.id == tag).values(values))
        self._fold(tag)

    def call(self, tag: str, locale: str, label: str, aliases: Sequence[str] = ()) -> None:
        """The words for a tag in a language; those that were there are replaced. Raises Gone."""
        self.one(tag)
        self._db.execute(self._delete(words, words.c.tag == tag, words.c.locale == locale))
        said = [("label", label)] if label else []
        said += [("alias", one) for one in dict.fromkeys(aliases) if one]
        rows = [
            {
                "tag": tag,
                "locale": locale,
                "number": str(number),
                "kind": kind,
                "text": named(text),
                "folded": fold(text),
            }
            for number, (kind, text) in enumerate(said)
        ]
        self._insert(words, rows)
        self._fold(tag)

    def words(self, tag: str) -> dict[str, dict[str, list[str]]]:
        """Label and aliases by language: ``{"de": {"label": ["Jacke"], "alias": []}}``."""
        found: dict[str, dict[str, list[str]]] = {}
        for row in self._db.execute(self._select(words, words.c.tag == tag).order_by(words.c.locale, words.c.number)):
            found.setdefault(row.locale, {"label": [], "alias": []})[row.kind].append(row.text)
        return found

    def label(self, locale: str, ids: Collection[str] | None = None) -> Mapping[str, str]:
        """What tags, all or those of these ids, are called in this language; their names where nothing is said."""
        named, told = self._select(tags), self._select(words, words.c.locale == locale, words.c.kind == "label")
        if ids is not None:
            named, told = named.where(tags.c.id.in_(list(ids))), told.where(words.c.tag.in_(list(ids)))
        found = {row.id: row.name for row in self._db.execute(named)}
        return found | {row.tag: row.text for row in self._db.execute(told)}

    def texts(self) -> list[tuple[str, str]]:
        """Every text that a tag goes by, in any language, with the id of the tag; archived ones are left out."""
        live = {row.id: (row.name, row.sku) for row in self._db.execute(self._select(tags, tags.c.archived.is_(False)))}
        called = [(text, tag) for tag, both in live.items() for text in both if text]
        told = self._db.execute(self._select(words, what=[words.c.text, words.c.tag]))
        return called + [(row.text, row.tag) for row in told if row.tag in live]

    def find(self, text: str) -> list[str]:
        """Ids of tags whose name, SKU, label or alias in any language is this, whatever case or accents.

        Archived ones are left out: another tag may have taken over their words.
        """
        folded = fold(text)
        if not folded:
            return []
        by_word = self._select(words, words.c.folded == folded, what=[words.c.tag])
        by_name = self._select(tags, tags.c.folded == folded, what=[tags.c.id])
        by_sku = self._select(tags, tags.c.folded_sku == folded, what=[tags.c.id])
        known = union(by_word, by_name, by_sku).subquery()
        here = self._select(tags, tags.c.id.in_(select(known)), tags.c.archived.is_(False), what=[tags.c.id])
        return list(self._db.scalars(here.order_by(tags.c.id)))

    def count(self) -> int:
        """How many tags there are."""
        return int(self._db.execute(self._select(tags, what=[func.count()])).scalar_one())

    def _fold(self, tag: str) -> None:
        """Write down anew what a search looks into."""
        one, said = self.one(tag), self._select(words, words.c.tag == tag, what=[words.c.text])
        called = searched(one.name, one.sku, *self._db.scalars(said))
        folded = {"folded": fold(one.name), "folded_sku": fold(one.sku), "called": called}
        self._db.execute(self._update(tags, tags.c.id == tag).values(folded))

    def _climb(self, tag: str, parent: str) -> None:
        above: str | None = parent
        while above is not None:
            if above == tag:
                raise Refuse("A tag cannot be its own parent, nor that of one above it.")
            above = self.one(above).parent
