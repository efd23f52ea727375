"""Review: people's verdicts, wherever they give them, count at once; and what was written can be undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from connector_core.operations.predict import owe, settle
from connector_core.store.store import TenantStore
from connector_core.types import Edits


def verdict(mine: TenantStore, asset: str, tag: str, *, yes: bool, person: str, source: str = "panel") -> None:
    """A person says that an asset shows a tag, or does not. Raises Gone where either does not exist.

    It becomes an example, which every later prediction knows; the host is owed what follows; and the rest of the
    library is judged anew.
    """
    mine.assets.one(asset)
    mine.vocabulary.one(tag)
    mine.judgements.say(asset, tag, yes=yes, person=person, source=source)
    taught = mine.examples.teach(asset, tag, yes=yes, source="verdict")
    mine.access.log(person, "verdict", asset, {"tag": tag, "yes": yes, "source": source})
    settle(mine, [asset])
    owe(mine, [asset], mine.pushes.batch_of("verdicts", "What people decided"))
    if taught:
        mine.later("predict")


def take_back(mine: TenantStore, asset: str, tag: str, *, person: str) -> bool:
    """As if the verdict had not been given; false if there was none."""
    if not mine.judgements.unsay(asset, tag):
        return False
    if mine.examples.forget(asset, tag):
        mine.later("predict")
    mine.access.log(person, "verdict taken back", asset, {"tag": tag})
    settle(mine, [asset])
    owe(mine, [asset], "")
    return True


def heard(
    mine: TenantStore, asset: str, edits: Edits, spelled: Mapping[str, Collection[str]] = MappingProxyType({})
) -> int:
    """What people changed in the host: an added tag of ours is a yes, a removed one a no; how many verdicts it gave.

    ``spelled`` are ids of tags by the host's words for them. Words that are no tags of the tenant's, or of several at
    once, are people's own business.
    """
    count = 0
    written = mine.pushes.written([asset]).get(asset, {})
    said = mine.judgements.said([asset]).get(asset, {})
    for tag, one in written.items():
        if one.names & edits.removed:
            mine.pushes.erase(asset, [tag])
            verdict(mine, asset, tag, yes=False, person="", source="host")
            # Its connector still takes the word for ours: the next push tells it that a person took it away.
            mine.pushes.owe([asset])
            count += 1
    for word in edits.added:
        found = list({*mine.vocabulary.find(word), *spelled.get(word, ())})
        if len(found) == 1 and said.get(found[0]) is not True and found[0] not in written:
            verdict(mine, asset, found[0], yes=True, person="", source="host")
            count += 1
    return count


def undo(mine: TenantStore, batch: str, *, person: str) -> int:
    """Take back everything that a batch wrote and that is still there; how many tags that are.

    They stay away until a person says yes to one. Raises Gone.
    """
    pairs = mine.pushes.in_batch(batch)
    mine.pushes.undone(batch)
    return _withdraw(mine, pairs, batch, person, "undo")


def withdraw_all(mine: TenantStore, connection: str, *, person: str) -> int:
    """Remove everything that we ever wrote to a connection, and write nothing more; how many tags that are."""
    mine.connections.get(connection)
    batch = mine.pushes.batch("withdrawal", "Everything we wrote", person)
    return _withdraw(mine, mine.pushes.by_us(connection), batch, person, "remove everything")


def _withdraw(mine: TenantStore, pairs: Sequence[tuple[str, str]], batch: str, person: str, what: str) -> int:
    mine.judgements.withhold(pairs, batch)
    mine.access.log(person, what, batch, {"tags": len(pairs)})
    owe(mine, list(dict.fromkeys(asset for asset, _ in pairs)), batch)
    return len(pairs)
