"""Push: what hosts are owed is written, one asset after the other; what people changed there is heard first."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from connector_core.connector import Connector, ReportsEdits, Spells
from connector_core.engine import Engine
from connector_core.errors import Gone, Reconnect, Retry
from connector_core.operations.review import heard
from connector_core.store.assets import TRIES
from connector_core.store.rows import Kept, Owed, State
from connector_core.store.store import TenantStore
from connector_core.types import Asset, Tag
from model_service.errors import TaggingError

log = logging.getLogger(__name__)

TOGETHER = 25
"""assets a job: then it goes to the end of the queue"""


def push(engine: Engine, tenant: str, connection: str) -> None:
    """Write what is due to a connection, if nobody else is writing there, and put the job again while there is more.

    What is about to be written is noted before: whoever takes over after a crash knows that it may be ours.
    """
    with engine.store.tenant(tenant) as mine:
        if not mine.connections.claim_push(connection):
            return
        linked, owed = mine.connections.get(connection), mine.pushes.claim(connection, TOGETHER)
    started, connector = time.monotonic(), engine.connector(tenant, linked) if owed else None
    stopped: TaggingError | None = None
    has_heard = False
    for one in owed:
        assert connector is not None
        try:
            if stopped is None:
                if not has_heard:
                    hear(engine, tenant, connector, [each.asset for each in owed])
                    has_heard = True
                _pay(engine, tenant, connector, one)
                continue
            due, reason = 0.0, ""
        except Retry as error:
            # Where the host says how long, that is it: how often it was away before is no matter.
            due, reason = time.time() + (error.after or 4.0 ** min(one.attempts + 1, TRIES)), str(error)
            stopped = error if error.after else None
        except Reconnect as error:
            due, reason, stopped = 0.0, str(error), error
        except TaggingError as error:
            _give_up(engine, tenant, one, error)
            continue
        with engine.store.tenant(tenant) as mine:
            mine.pushes.later(one, due, reason)
    with engine.store.tenant(tenant) as mine:
        mine.connections.keep_push(connection, lease=0.0)
        if isinstance(stopped, Retry):
            mine.connections.troubled(connection, retry_at=time.time() + stopped.after, reason=str(stopped))
        elif isinstance(stopped, Reconnect):
            mine.connections.troubled(connection, state="reconnect", reason=str(stopped))
        elif owed:
            mine.later("push", connection)
    log.info("pushed %d of %s, %.1fs", len(owed), connection, time.monotonic() - started)


def hear(engine: Engine, tenant: str, connector: Connector, ids: Sequence[str]) -> int:
    """Ask a host what people changed of these assets, if it can say; how many verdicts that gave."""
    if not isinstance(connector, ReportsEdits):
        return 0
    with engine.store.tenant(tenant, only_reads=True) as mine:
        known = {one.host_id: one for one in mine.assets.get(ids) if one.state != State.GONE}
    found = connector.edits([Asset(one.host_id, one.version, one.name, path=one.path) for one in known.values()])
    changed = {known[host_id].id: edits for host_id, edits in found.items() if edits.added or edits.removed}
    if not changed:
        return 0
    with engine.store.tenant(tenant) as mine:
        spelled: dict[str, set[str]] = {}
        if isinstance(connector, Spells) and any(edits.added for edits in changed.values()):
            for text, tag in mine.vocabulary.texts():
                spelled.setdefault(connector.spell(text), set()).add(tag)
        return sum(heard(mine, asset, edits, spelled) for asset, edits in changed.items())


def _pay(engine: Engine, tenant: str, connector: Connector, one: Owed) -> None:
    with engine.store.tenant(tenant, only_reads=True) as mine:
        asset = mine.assets.one(one.asset)
    if asset.state == State.GONE:
        raise Gone(asset.reason)
    with engine.store.tenant(tenant) as mine:
        # Those that a person took away are no longer in the ledger, so they are not taken away again.
        want, have = _wanted(mine, asset), mine.pushes.written([asset.id]).get(asset.id, {})
        new = {tag: name for tag, name in want.items() if tag not in have}
        mine.pushes.note(asset.id, new, one.batch, sure=False)
        for tag, was in have.items():
            if tag in want and was.name != want[tag]:
                mine.pushes.rename(asset.id, tag, want[tag], was.names - {want[tag]})
        mine.connections.keep_push(one.connection)
        ranks = _ranks(mine, asset.id)
    # What is not sure, or has another name by now, may be shown by any of its names.
    add = {tag for tag in want if tag in new or not have[tag].sure or have[tag].name != want[tag]}
    remove = [tag for tag in have if tag not in want]
    names = {name for was in have.values() for name in was.names} - set(want.values())
    written = connector.retag(
        asset.host_id,
        add={Tag(want[tag], rank=ranks.get(tag, 1.0)) for tag in add},
        remove={Tag(name) for name in names},
    )
    with engine.store.tenant(tenant) as mine:
        left = {tag for tag, name in want.items() if name in written.left_out}
        mine.pushes.erase(asset.id, [*remove, *left])
        mine.pushes.confirm(asset.id, sorted(add - left))
        if left:
            mine.assets.unwritten(asset.id, " ".join(sorted(set(written.left_out.values()))))
        mine.pushes.paid(one)
    log.debug("wrote %s to %s", written.place, asset.id)


def _wanted(mine: TenantStore, asset: Kept) -> dict[str, str]:
    """The tags that the asset should show, and what they are called in the tenant's language."""
    wanted = mine.judgements.wanted([asset.id])[asset.id]
    return dict(mine.vocabulary.label(mine.tenant().locale, wanted))


def _ranks(mine: TenantStore, asset: str) -> dict[str, float]:
    """By tag, how much it is to be seen where there is room for few: what people said, then what is likeliest."""
    found = {one.tag: one.probability for one in mine.judgements.of([asset]).get(asset, [])}
    return found | {tag: 2.0 for tag, yes in mine.judgements.said([asset]).get(asset, {}).items() if yes}


def _give_up(engine: Engine, tenant: str, one: Owed, error: TaggingError) -> None:
    """The host will never have it: the asset says why, and what was not written is not in the ledger."""
    with engine.store.tenant(tenant) as mine:
        have = mine.pushes.written([one.asset]).get(one.asset, {})
        mine.pushes.erase(one.asset, [tag for tag, was in have.items() if not was.sure])
        mine.pushes.drop(one.asset)
        if isinstance(error, Gone):
            mine.assets.gone_now(one.asset, str(error))
        else:
            mine.assets.unwritten(one.asset, str(error))
