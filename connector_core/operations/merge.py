"""Merge: two tags that mean the same become one; nothing that was taught, said or written is lost."""

from __future__ import annotations

from connector_core.operations.predict import owe, settle
from connector_core.store.store import TenantStore
from model_service.errors import Refuse


def merge(mine: TenantStore, tag: str, into: str, *, person: str) -> int:
    """Have ``into`` take over all that was said of ``tag``, which is archived; how many assets it was said of.

    Its name and words become aliases, so that searches and imports still find it. Raises Gone, Refuse.
    """
    old, new = mine.vocabulary.one(tag), mine.vocabulary.one(into)
    if tag == into:
        raise Refuse("A tag cannot be merged with itself.")
    if old.group != new.group:
        raise Refuse("Only tags of one group can be merged.")
    _check_above(mine, tag, into)
    for one in mine.examples.all(tag=tag):
        mine.examples.forget(one["asset"], tag)
        mine.examples.teach(one["asset"], into, yes=one["yes"], source=one["source"], shoot=one["shoot"])
    touched = mine.merging.take_over(tag, into)
    _call(mine, tag, into)
    mine.vocabulary.change(tag, archived=True)
    mine.merging.lift(tag, into)
    mine.access.log(person, "tags merged", into, {"from": tag, "assets": len(touched)})
    settle(mine, touched)
    owe(mine, touched, mine.pushes.batch("merge", f"{old.name} became {new.name}", person))
    mine.later("predict")
    return len(touched)


def _call(mine: TenantStore, tag: str, into: str) -> None:
    old, known = mine.vocabulary.words(tag), mine.vocabulary.words(into)
    old.setdefault(mine.tenant().locale, {"label": [], "alias": []})["alias"].append(mine.vocabulary.one(tag).name)
    for locale, words in old.items():
        here = known.get(locale, {"label": [], "alias": []})
        label = "".join(here["label"])
        aliases = [one for one in (*here["alias"], *words["label"], *words["alias"]) if one != label]
        mine.vocabulary.call(into, locale, label, aliases)


def _check_above(mine: TenantStore, tag: str, into: str) -> None:
    above = mine.vocabulary.one(into).parent
    while above is not None:
        one = mine.vocabulary.one(above)
        if one.id == tag:
            raise Refuse(f"{mine.vocabulary.one(into).name} stands below {one.name}; merge them the other way round.")
        above = one.parent
