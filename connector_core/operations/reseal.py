"""Reseal: every stored token under the first key, so that older keys can go."""

from __future__ import annotations

from connector_core.engine import Engine
from connector_core.errors import Gone


def reseal_all(engine: Engine) -> int:
    """Seal every stored token with the first key; how many there are. Raises Misconfigured where no key opens one."""
    count = 0
    for tenant in engine.store.tenants():
        try:
            with engine.store.tenant(tenant) as mine:
                for linked in mine.connections.all():
                    sealed = mine.connections.secret(linked.id)
                    if sealed is not None:
                        mine.connections.reseal(linked.id, engine.vault.reseal(sealed))
                        count += 1
        except Gone:
            continue
    return count
