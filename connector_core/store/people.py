"""What people say of assets, as conditions: their verdicts, and the examples that no verdict speaks against."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true

from connector_core.store.tables import assets, examples, predictions, tags, verdicts, withheld

E, P, V = examples.c, predictions.c, verdicts.c


def counts() -> ColumnElement[bool]:
    """Whether an example counts: a verdict on the same asset and tag outranks it."""
    later = verdicts.alias()
    return ~exists().where(later.c.tenant == E.tenant, later.c.asset == E.asset, later.c.tag == E.tag)


def contradicted() -> ColumnElement[bool]:
    """Whether people say otherwise than a prediction: no to its tag, or yes to another one of its group."""
    return or_(_against(verdicts), _against(examples, counts()))


def is_withheld(table: Any) -> ColumnElement[bool]:
    """Whether the asset and tag of a row were taken back, and are to stay away."""
    back, here = withheld.alias(), table.c
    return exists().where(back.c.tenant == here.tenant, back.c.asset == here.asset, back.c.tag == here.tag)


def wanted(where: ColumnElement[bool]) -> list[Select[Any]]:
    """Assets and tags that hosts should show: what people say, what examples show, what the model would apply.

    ``where`` says which assets. As ``Judgements.wanted`` says it of single ones.
    """
    said = _of(verdicts, V.yes.is_(True))
    taught = _of(examples, E.yes.is_(True), counts())
    known = exists().where(tags.c.tenant == P.tenant, tags.c.id == P.tag)
    guessed = _of(predictions, P.decision == "apply", known, ~contradicted())
    return [one.where(where) for one in (said, taught, guessed)]


def _of(table: Any, *where: ColumnElement[bool]) -> Select[Any]:
    here = table.c
    home = and_(assets.c.tenant == here.tenant, assets.c.id == here.asset)
    return select(here.asset, here.tag).join_from(assets, table, home).where(*where, ~is_withheld(table))


def _against(table: Any, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    here, other = table.c, tags.alias()
    instead = and_(here.tag != P.tag, here.yes.is_(True), other.c.group == P.group, ~is_withheld(table))
    no = and_(here.tag == P.tag, here.yes.is_(False))
    return (
        select(true())
        .select_from(table.join(other, and_(other.c.tenant == here.tenant, other.c.id == here.tag)))
        .where(here.tenant == P.tenant, here.asset == P.asset, or_(no, instead))
        .where(*where)
        .correlate(predictions)
        .exists()
    )
