"""The tables. Everything of a tenant has the tenant in its key, so that no row can refer to another tenant's."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from connector_core.store.columns import META as META
from connector_core.store.columns import number, of, own, text, time

tenants = Table(
    "tenants",
    META,
    Column("id", String(64), primary_key=True),
    text("name"),
    text("locale", "en"),
    Column("risk", Float, nullable=False, default=0.02),
    number("lesson"),
    text("judged"),
    number("judged_lesson"),
    text("encoder"),
    time("created"),
)
"""
``judged``: the model, and the lesson, that the whole library was last judged by
``encoder``: the one that all photos are to be looked at with
"""

encoders = own(
    "encoders",
    Column("told", JSON, nullable=False),
    Column("dropped", Boolean, nullable=False, default=False),
    time("created"),
)
"""whose vectors are kept; ``dropped``: they are being thrown away"""

connections = own(
    "connections",
    text("host"),
    text("account"),
    text("title"),
    text("state", "live"),
    text("reason"),
    Column("settings", JSON, nullable=False, default=dict),
    Column("secret", LargeBinary),
    Column("writes", Boolean, nullable=False, default=False),
    Column("paused", Boolean, nullable=False, default=False),
    text("cursor"),
    number("round"),
    number("wanted"),
    number("scanned"),
    number("begun"),
    time("woken"),
    time("scan_at"),
    time("scan_until"),
    time("push_until"),
    time("renew_until"),
    text("heard"),
    time("heard_at"),
    Column("rates", JSON, nullable=False, default=dict),
    time("listed"),
    time("retry_at"),
    time("created"),
    Index("connections_account", "host", "account"),
)

assets = own(
    "assets",
    Column("connection", String(64), nullable=False),
    text("host_id"),
    text("version"),
    text("name"),
    text("folded"),
    text("path"),
    Column("size", BigInteger, nullable=False, default=0),
    text("media_type"),
    time("modified"),
    text("state", "pending"),
    text("reason"),
    number("attempts"),
    time("due"),
    time("until"),
    number("round"),
    text("content"),
    text("encoder"),
    text("batch"),
    Column("outside", Boolean, nullable=False, default=False),
    time("read"),
    time("created"),
    time("updated"),
    of("connection", "connections"),
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

groups = own("groups", text("name"), Column("exclusive", Boolean, nullable=False, default=True),
              UniqueConstraint("tenant", "name"))  # fmt: skip

tags = own(
    "tags",
    Column("group", String(64), nullable=False),
    text("name"),
    text("sku"),
    Column("parent", String(64)),
    Column("archived", Boolean, nullable=False, default=False),
    text("folded"),
    text("folded_sku"),
    text("called"),
    time("created"),
    of("group", "groups"),
    of("parent", "tags", cascade=False),
    UniqueConstraint("tenant", "group", "name"),
    Index("tags_folded", "tenant", "folded"),
    Index("tags_folded_sku", "tenant", "folded_sku"),
    Index("tags_parent", "tenant", "parent"),
)
"""``called``: the words of its name, SKU, labels and aliases in every language, as they are searched for"""

words = own(
    "words",
    text("kind", "label"),
    text("text"),
    text("folded"),
    of("tag", "tags"),
    Index("words_folded", "tenant", "folded"),
    key=("tag", "locale", "number"),
)

examples = own(
    "examples",
    Column("asset", String(64), nullable=False),
    Column("tag", String(64), nullable=False),
    Column("yes", Boolean, nullable=False, default=True),
    Column("box", JSON(none_as_null=True)),
    text("source", "person"),
    text("shoot"),
    time("created"),
    of("asset", "assets"),
    of("tag", "tags"),
    Index("examples_asset", "tenant", "asset"),
    Index("examples_tag", "tenant", "tag", "asset"),
)

lessons = own(
    "lessons",
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("asset", String(64), nullable=False),
    text("tag"),
    text("group"),
    Column("added", Boolean, nullable=False),
    text("shoot"),
    key=(),
)

models = own(
    "models",
    number("number"),
    text("state", "wanted"),
    text("reason"),
    text("encoder"),
    Column("risk", Float, nullable=False, default=0.02),
    number("lesson"),
    Column("report", JSON(none_as_null=True)),
    time("until"),
    time("created"),
    time("promoted"),
    UniqueConstraint("tenant", "number"),
)

predictions = own(
    "predictions",
    text("tag"),
    Column("probability", Float, nullable=False),
    text("decision"),
    text("reason"),
    Column("evidence", JSON, nullable=False, default=dict),
    text("model"),
    time("created"),
    of("asset", "assets"),
    of("group", "groups"),
    Index("predictions_decision", "tenant", "decision", "probability", "asset"),
    Index("predictions_tag", "tenant", "tag", "decision", "asset"),
    Index("predictions_group", "tenant", "group", "decision", "asset"),
    Index("predictions_asset", "tenant", "decision", "asset"),
    key=("asset", "group"),
)

appearances = own(
    "appearances",
    Column("asset", String(64), nullable=False),
    Column("tag", String(64), nullable=False),
    Column("box", JSON(none_as_null=True)),
    Column("start", Float),
    Column("end", Float),
    of("asset", "assets"),
    of("tag", "tags"),
    Index("appearances_asset", "tenant", "asset"),
    Index("appearances_tag", "tenant", "tag"),
)

verdicts = own(
    "verdicts",
    Column("yes", Boolean, nullable=False),
    text("person"),
    text("source", "panel"),
    time("created"),
    of("asset", "assets"),
    of("tag", "tags"),
    Index("verdicts_tag", "tenant", "tag", "asset"),
    key=("asset", "tag"),
)

outbox = own(
    "outbox",
    Column("connection", String(64), nullable=False),
    text("batch"),
    number("wanted", 1),
    number("attempts"),
    time("since"),
    time("due"),
    time("until"),
    text("reason"),
    of("asset", "assets"),
    of("connection", "connections"),
    Index("outbox_due", "tenant", "connection", "due", "asset"),
    key=("asset",),
)

ledger = own(
    "ledger",
    text("name"),
    Column("before", JSON, nullable=False, default=list),
    text("batch"),
    Column("sure", Boolean, nullable=False, default=False),
    time("created"),
    of("asset", "assets"),
    of("tag", "tags", cascade=False),
    Index("ledger_batch", "tenant", "batch"),
    Index("ledger_tag", "tenant", "tag", "asset"),
    key=("asset", "tag"),
)

marks = own("marks", text("word"), of("asset", "assets"), key=("asset", "name"))
"""the words that hosts show because of us, where a host has no place of its own to remember it"""

withheld = own("withheld", text("batch"), of("asset", "assets"), of("tag", "tags"),
                Index("withheld_tag", "tenant", "tag"), key=("asset", "tag"))  # fmt: skip

batches = own("batches", text("kind"), text("title"), text("person"), time("created"), time("undone"))

keys = own("keys", text("hash"), text("title"), Column("scopes", JSON, nullable=False, default=list),
            time("created"), time("used"), time("revoked"), Index("keys_hash", "hash", unique=True))  # fmt: skip

erased = own("erased", Column("connection", String(64), nullable=False), of("connection", "connections"),
              Index("erased_connection", "tenant", "connection"))  # fmt: skip
"""what is not to come back although its host still has it: ids are hashes of connections and hosts' ids"""

looks = own(
    "looks",
    text("state", "waiting"),
    text("reason"),
    Column("result", JSON(none_as_null=True)),
    number("tries"),
    time("created"),
    Index("looks_created", "tenant", "created"),
)

audit = own(
    "audit", text("who"), text("what"), text("object"), Column("detail", JSON(none_as_null=True)), time("created")
)

receipts = Table(
    "receipts",
    META,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    text("kind"),
    text("object"),
    time("asked"),
    time("finished"),
    time("again"),
    Column("counts", JSON, nullable=False, default=dict),
    Column("detail", JSON, nullable=False, default=dict),
    text("hash"),
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
