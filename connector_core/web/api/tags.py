"""Groups and tags: the vocabulary of the tenant, in all its languages."""

from __future__ import annotations

from typing import Annotated, Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag as About
from pydantic import Field
from werkzeug.exceptions import Conflict

from connector_core.errors import Gone
from connector_core.operations import rename
from connector_core.operations.merge import merge
from connector_core.store.rows import Word
from connector_core.store.store import TenantStore
from connector_core.web.api.cursors import pack, unpack
from connector_core.web.api.shapes import At, Body, Known, Line, Locale, MaybeLine, Pages, Shape, one, some
from connector_core.web.gate import caller, mine, needs

ABOUT = [About(name="tags", description="The vocabulary, in all its languages.")]


class Words(Body):
    """What a tag is called in a language, and what else it is known as there."""

    label: MaybeLine = ""
    aliases: list[Line] = Field(default_factory=list, max_length=50)


class TagWish(Body):
    """A tag to be made."""

    name: Line
    group: Line = "product"
    sku: MaybeLine = ""
    parent: Known | None = None
    words: dict[Locale, Words] = Field(default_factory=dict, max_length=50)


class TagChange(Body):
    """What is to be different; what is not named stays."""

    name: Line | None = None
    sku: MaybeLine | None = None
    parent: Annotated[Known | None, Field(description="null: it stands below none")] = None
    archived: bool | None = None


class MergeWish(Body):
    """The tag that takes over."""

    into: Known


class AtWords(At):
    """A tag and a language."""

    locale: Locale


class Listed(Pages):
    """Which tags."""

    group: Known | None = None
    archived: bool = False


class Tag(Shape):
    """An entry of the vocabulary."""

    id: str
    name: str
    group: str
    group_name: str
    sku: str
    parent: str | None
    archived: bool
    examples: int
    words: dict[str, Words]


class Tags(Shape):
    """A page of tags."""

    items: list[Tag]
    next: str | None


class Merged(Shape):
    """What a merge did."""

    tag: Tag
    assets: int
    """of how many assets the other tag was said"""


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/tags", tags=ABOUT, responses={200: Tags})
    @needs("read")
    def list_tags(query: Listed) -> Any:
        """List tags by name."""
        with mine(only_reads=True) as store:
            if query.group and query.group not in store.vocabulary.groups():
                raise Gone("There is no such group.")
            after = unpack(query.cursor, (str, str))
            found = store.lists.tags(after, query.limit, group=query.group or "", archived=query.archived)
            next = pack(found[-1].name, found[-1].id) if len(found) == query.limit else ""
            return some(Tag, _told(store, found), next)

    @api.post("/tags", tags=ABOUT, responses={201: Tag, 409: None})
    @needs("teach")
    def make_tag(body: TagWish) -> Any:
        """Make a tag; its group is made as well if there is none of this name."""
        with mine() as store:
            if body.parent:
                store.vocabulary.one(body.parent)
            group = store.vocabulary.group(body.group)
            if any(word.group == group for word in store.vocabulary.named(body.name)):
                raise Conflict("There is already a tag of this name in this group.")
            made = store.vocabulary.tag(body.name, body.group, sku=body.sku, parent=body.parent)
            for locale, words in body.words.items():
                store.vocabulary.call(made, locale, words.label, words.aliases)
            store.access.log(caller().key, "tag made", made)
            return one(Tag, _told(store, [store.vocabulary.one(made)])[0]), 201

    @api.get("/tags/<id:id>", tags=ABOUT, responses={200: Tag})
    @needs("read")
    def get_tag(path: At) -> Any:
        """A tag with its words in every language."""
        with mine(only_reads=True) as store:
            return one(Tag, _told(store, [store.vocabulary.one(path.id)])[0])

    @api.patch("/tags/<id:id>", tags=ABOUT, responses={200: Tag})
    @needs("teach")
    def change_tag(path: At, body: TagChange) -> Any:
        """Change a tag. An archived one is kept where it was written, and no longer learned."""
        asked = {name: getattr(body, name) for name in body.model_fields_set}
        values = {name: value for name, value in asked.items() if value is not None or name == "parent"}
        with mine() as store:
            if values.get("parent"):
                store.vocabulary.one(str(values["parent"]))
            if values:
                rename.change_tag(store, path.id, values, person=caller().key)
            return one(Tag, _told(store, [store.vocabulary.one(path.id)])[0])

    @api.put("/tags/<id:id>/words/<locale>", tags=ABOUT, responses={200: Tag})
    @needs("teach")
    def call_tag(path: AtWords, body: Words) -> Any:
        """Say what a tag is called in a language; an empty label and no aliases: nothing."""
        with mine() as store:
            rename.call(store, path.id, path.locale, body.label, body.aliases, person=caller().key)
            return one(Tag, _told(store, [store.vocabulary.one(path.id)])[0])

    @api.post("/tags/<id:id>/merge", tags=ABOUT, responses={200: Merged})
    @needs("teach")
    def merge_tag(path: At, body: MergeWish) -> Any:
        """Have another tag take over all that was taught, said and written of this one, which is archived."""
        with mine() as store:
            count = merge(store, path.id, body.into, person=caller().key)
            return one(Merged, {"tag": _told(store, [store.vocabulary.one(body.into)])[0], "assets": count})


def _told(store: TenantStore, found: list[Word]) -> list[dict[str, Any]]:
    groups, ids = store.vocabulary.groups(), [word.id for word in found]
    counts, words = store.lists.counts(ids), store.lists.words(ids)
    return [
        {
            **{name: getattr(word, name) for name in ("id", "name", "group", "sku", "parent", "archived")},
            "group_name": groups[word.group],
            "examples": counts.get(word.id, 0),
            "words": words.get(word.id, {}),
        }
        for word in found
    ]
