"""The tables. Everything of a tenant has the tenant in its key, so that no row can refer to another tenant's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

META = MetaData()
"""Times are seconds since 1970, UTC."""
LONGEST = 250
"""characters of what is part of a key"""


def _own(name: str, *parts: Any, key: tuple[str, ...] = ("id",)) -> Table:
    """A table of things that belong to a tenant, and go with it."""
    columns = [Column(one, String(LONGEST), primary_key=True) for one in key]
    tenant: Column[str] = Column("tenant", ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True)
    return Table(name, META, tenant, *columns, *parts)


def _of(column: str, table: str, *, cascade: bool = True) -> ForeignKeyConstraint:
    """``column`` names a row of ``table`` of the same tenant."""
    return ForeignKeyConstraint(
        ["tenant", column], [f"{table}.tenant", f"{table}.id"], ondelete="CASCADE" if cascade else None
    )


def _text(name: str, default: str = "") -> Column[Any]:
    return Column(name, Text, nullable=False, default=default)


def _number(name: str, default: int = 0) -> Column[Any]:
    return Column(name, Integer, nullable=False, default=default)


def _time(name: str) -> Column[Any]:
    return Column(name, Float, nullable=False, default=0.0)


tenants = Table(
    "tenants",
    META,
    Column("id", String(64), primary_key=True),
    _text("name"),
    _text("locale", "en"),
    Column("risk", Float, nullable=False, default=0.02),
    _number("lesson"),
    _text("judged"),
    _number("judged_lesson"),
    _text("encoder"),
    _time("created"),
)
"""
``judged``: the model, and the lesson, that the whole library was last judged by
``encoder``: the one that all photos are to be looked at with
"""

encoders = _own(
    "encoders",
    Column("told", JSON, nullable=False),
    Column("dropped", Boolean, nullable=False, default=False),
    _time("created"),
)
"""whose vectors are kept; ``dropped``: they are being thrown away"""

connections = _own(
    "connections",
    _text("host"),
    _text("account"),
    _text("title"),
    _text("state", "live"),
    _text("reason"),
    Column("settings", JSON, nullable=False, default=dict),
    Column("secret", LargeBinary),
    Column("writes", Boolean, nullable=False, default=False),
    Column("paused", Boolean, nullable=False, default=False),
    _text("cursor"),
    _number("round"),
    _number("wanted"),
    _number("scanned"),
    _number("begun"),
    _time("woken"),
    _time("scan_at"),
    _time("scan_until"),
    _time("push_until"),
    _time("renew_until"),
    _text("heard"),
    _time("heard_at"),
    Column("rates", JSON, nullable=False, default=dict),
    _time("listed"),
    _time("retry_at"),
    _time("created"),
    Index("connections_account", "host", "account"),
)

assets = _own(
    "assets",
    Column("connection", String(64), nullable=False),
    _text("host_id"),
    _text("version"),
    _text("name"),
    _text("folded"),
    _text("path"),
    Column("size", BigInteger, nullable=False, default=0),
    _text("media_type"),
    _time("modified"),
    _text("state", "pending"),
    _text("reason"),
    _number("attempts"),
    _time("due"),
    _time("until"),
    _number("round"),
    _text("content"),
    _text("encoder"),
    _text("batch"),
    Column("outside", Boolean, nullable=False, default=False),
    _time("read"),
    _time("created"),
    _time("updated"),
    _of("connection", "connections"),
    UniqueConstraint("tenant", "connection", "host_id"),
    Index("assets_due", "tenant", "connection", "state", "due", "id"),
    Index("assets_path", "tenant", "connection", "path"),
    Index("assets_encoder", "tenant", "encoder", "state"),
    Index("assets_connection", "tenant", "connection", "id"),
    Index("assets_read", "tenant", "connection", "read"),
    Index("assets_state", "tenant", "state", "id"),
    Index("assets_batch", "tenant", "batch", "id"),
    Index("assets_name", "tenant", "name"),
    Index("assets_folded", "tenant", "id", "folded"),
)
"""``folded``: the words of the name, as they are searched for; ``outside``: it is skipped because it lies outside
the scope; ``read``: when reading it last came to an end"""

groups = _own("groups", _text("name"), Column("exclusive", Boolean, nullable=False, default=True),
              UniqueConstraint("tenant", "name"))  # fmt: skip

tags = _own(
    "tags",
    Column("group", String(64), nullable=False),
    _text("name"),
    _text("sku"),
    Column("parent", String(64)),
    Column("archived", Boolean, nullable=False, default=False),
    _text("folded"),
    _text("folded_sku"),
    _text("called"),
    _time("created"),
    _of("group", "groups"),
    _of("parent", "tags", cascade=False),
    UniqueConstraint("tenant", "group", "name"),
    Index("tags_folded", "tenant", "folded"),
    Index("tags_folded_sku", "tenant", "folded_sku"),
    Index("tags_parent", "tenant", "parent"),
)
"""``called``: the words of its name, SKU, labels and aliases in every language, as they are searched for"""

words = _own(
    "words",
    _text("kind", "label"),
    _text("text"),
    _text("folded"),
    _of("tag", "tags"),
    Index("words_folded", "tenant", "folded"),
    key=("tag", "locale", "number"),
)

examples = _own(
    "examples",
    Column("asset", String(64), nullable=False),
    Column("tag", String(64), nullable=False),
    Column("yes", Boolean, nullable=False, default=True),
    Column("box", JSON(none_as_null=True)),
    _text("source", "person"),
    _text("shoot"),
    _time("created"),
    _of("asset", "assets"),
    _of("tag", "tags"),
    Index("examples_asset", "tenant", "asset"),
    Index("examples_tag", "tenant", "tag", "asset"),
)

lessons = _own(
    "lessons",
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("asset", String(64), nullable=False),
    _text("tag"),
    _text("group"),
    Column("added", Boolean, nullable=False),
    _text("shoot"),
    key=(),
)

models = _own(
    "models",
    _number("number"),
    _text("state", "wanted"),
    _text("reason"),
    _text("encoder"),
    Column("risk", Float, nullable=False, default=0.02),
    _number("lesson"),
    Column("report", JSON(none_as_null=True)),
    _time("until"),
    _time("created"),
    _time("promoted"),
    UniqueConstraint("tenant", "number"),
)

predictions = _own(
    "predictions",
    _text("tag"),
    Column("probability", Float, nullable=False),
    _text("decision"),
    _text("reason"),
    Column("evidence", JSON, nullable=False, default=dict),
    _text("model"),
    _time("created"),
    _of("asset", "assets"),
    _of("group", "groups"),
    Index("predictions_decision", "tenant", "decision", "probability", "asset"),
    Index("predictions_tag", "tenant", "tag", "decision", "asset"),
    Index("predictions_group", "tenant", "group", "decision", "asset"),
    Index("predictions_asset", "tenant", "decision", "asset"),
    key=("asset", "group"),
)

appearances = _own(
    "appearances",
    Column("asset", String(64), nullable=False),
    Column("tag", String(64), nullable=False),
    Column("box", JSON(none_as_null=True)),
    Column("start", Float),
    Column("end", Float),
    _of("asset", "assets"),
    _of("tag", "tags"),
    Index("appearances_asset", "tenant", "asset"),
    Index("appearances_tag", "tenant", "tag"),
)

verdicts = _own(
    "verdicts",
    Column("yes", Boolean, nullable=False),
    _text("person"),
    _text("source", "panel"),
    _time("created"),
    _of("asset", "assets"),
    _of("tag", "tags"),
    Index("verdicts_tag", "tenant", "tag", "asset"),
    key=("asset", "tag"),
)

outbox = _own(
    "outbox",
    Column("connection", String(64), nullable=False),
    _text("batch"),
    _number("wanted", 1),
    _number("attempts"),
    _time("since"),
    _time("due"),
    _time("until"),
    _text("reason"),
    _of("asset", "assets"),
    _of("connection", "connections"),
    Index("outbox_due", "tenant", "connection", "due", "asset"),
    key=("asset",),
)

ledger = _own(
    "ledger",
    _text("name"),
    Column("before", JSON, nullable=False, default=list),
    _text("batch"),
    Column("sure", Boolean, nullable=False, default=False),
    _time("created"),
    _of("asset", "assets"),
    _of("tag", "tags", cascade=False),
    Index("ledger_batch", "tenant", "batch"),
    Index("ledger_tag", "tenant", "tag", "asset"),
    key=("asset", "tag"),
)

marks = _own("marks", _text("word"), _of("asset", "assets"), key=("asset", "name"))
"""the words that hosts show because of us, where a host has no place of its own to remember it"""

withheld = _own("withheld", _text("batch"), _of("asset", "assets"), _of("tag", "tags"),
                Index("withheld_tag", "tenant", "tag"), key=("asset", "tag"))  # fmt: skip

batches = _own("batches", _text("kind"), _text("title"), _text("person"), _time("created"), _time("undone"))

keys = _own("keys", _text("hash"), _text("title"), Column("scopes", JSON, nullable=False, default=list),
            _time("created"), _time("used"), _time("revoked"), Index("keys_hash", "hash", unique=True))  # fmt: skip

erased = _own("erased", Column("connection", String(64), nullable=False), _of("connection", "connections"),
              Index("erased_connection", "tenant", "connection"))  # fmt: skip
"""what is not to come back although its host still has it: ids are hashes of connections and hosts' ids"""

looks = _own(
    "looks",
    _text("state", "waiting"),
    _text("reason"),
    Column("result", JSON(none_as_null=True)),
    _number("tries"),
    _time("created"),
    Index("looks_created", "tenant", "created"),
)

audit = _own(
    "audit", _text("who"), _text("what"), _text("object"), Column("detail", JSON(none_as_null=True)), _time("created")
)

receipts = Table(
    "receipts",
    META,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    _text("kind"),
    _text("object"),
    _time("asked"),
    _time("finished"),
    _time("again"),
    Column("counts", JSON, nullable=False, default=dict),
    Column("detail", JSON, nullable=False, default=dict),
    _text("hash"),
    Index("receipts_tenant", "tenant", "id"),
)
"""What was erased. It has no bond with the tenant, and outlives it: ids and numbers, nothing of what was erased."""

CLAIMS = {
    assets: ("until",),
    connections: ("scan_until", "push_until", "renew_until"),
    outbox: ("until",),
    models: ("until",),
}
"""columns that say how long somebody has a row for work"""

migrations = Table("migrations", META, Column("number", Integer, primary_key=True), Column("at", Float, nullable=False))
