"""Ends of runs, to be compared: what the store knows, what the host shows, and what was written to get there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from connector_core.engine import Engine
from connector_core.store.rows import State
from model_service.recognizers.moments import Floats
from tests.twins.dropbox.ledger import Write

READ = frozenset({State.READY, State.REVIEW, State.APPLIED, State.UNKNOWN})
CLOSE = 2e-3
"""probabilities that are nearer are the same"""


@dataclass(frozen=True, slots=True)
class Photo:
    """Everything that is known of one photo that is there, under names that every run has."""

    state: str
    reason: str
    version: str
    predicted: Mapping[str, tuple[str, str, float]]
    """by group: tag, decision, probability"""
    said: Mapping[str, bool]
    """people's yes and no, by tag"""
    ledger: Mapping[str, tuple[str, bool]]
    """what the store says that the host shows because of us: by tag, the name, and whether that is sure"""
    marks: Mapping[str, str]
    """what the connector says of it"""
    vector: bytes | None = field(repr=False)
    has_rendition: bool = True


@dataclass(frozen=True, slots=True)
class End:
    """A connection in which nothing is left to do."""

    photos: Mapping[str, Photo]
    """by path"""
    connection: tuple[str, str]
    """state and reason"""
    outbox: int
    owed: tuple[str, ...]
    cursor_is_last: bool
    models: tuple[str, ...]
    """their states"""


def end_of(engine: Engine, tenant: str, connection: str) -> End:
    """What a run has come to."""
    with engine.store.tenant(tenant, only_reads=True) as mine:
        linked = mine.connections.get(connection)
        kept = [one for one in mine.assets.page(limit=100_000, connection=connection) if one.state != State.GONE]
        ids = [one.id for one in kept]
        names = {word.id: word.name for word in mine.vocabulary.all()}
        groups = mine.vocabulary.groups()
        predicted, said, written = mine.judgements.of(ids), mine.judgements.said(ids), mine.pushes.written(ids)
        marks = mine.marks.rows(connection, [one.host_id for one in kept])
        outbox, owed = mine.pushes.count(connection), tuple(str(job.name) for job in engine.store.owed())
        models = tuple(one.state for one in mine.models.all())
    stored = engine.vectors(tenant).get(ids)
    photos = {
        one.path: Photo(
            one.state,
            one.reason,
            one.version,
            {groups[p.group]: (names[p.tag], p.decision, p.probability) for p in predicted.get(one.id, [])},
            {names[tag]: yes for tag, yes in said.get(one.id, {}).items()},
            {names[tag]: (wrote.name, wrote.sure) for tag, wrote in written.get(one.id, {}).items()},
            {name: word for name, word in marks.get(one.host_id, {}).items() if name},
            stored[one.id].features.vectors.tobytes() if one.id in stored else None,
            engine.rendition(tenant, one.id).is_file(),
        )
        for one in kept
    }
    page = engine.connector(tenant, linked).changes(linked.cursor)
    is_last = not page.assets and not page.more
    return End(photos, (linked.state, linked.reason), outbox, owed, is_last, models)


def assert_same(end: End, wanted: End) -> None:
    """The two ends are the same, but for the last digits of numbers."""
    assert end.photos.keys() == wanted.photos.keys()
    for path, want in wanted.photos.items():
        assert_same_photo(path, end.photos[path], want)
    assert (end.connection, end.outbox, end.owed) == (wanted.connection, wanted.outbox, wanted.owed)
    assert (end.cursor_is_last, end.models) == (wanted.cursor_is_last, wanted.models)


def assert_same_photo(path: str, one: Photo, want: Photo) -> None:
    """The two photos are the same."""
    for name in ("state", "reason", "version", "said", "ledger", "marks", "has_rendition"):
        assert getattr(one, name) == getattr(want, name), f"{name} of {path}"
    assert one.predicted.keys() == want.predicted.keys(), path
    for group, (tag, decision, chance) in want.predicted.items():
        assert one.predicted[group][:2] == (tag, decision), path
        assert abs(one.predicted[group][2] - chance) < CLOSE, path
    assert (one.vector is None) == (want.vector is None), f"vector of {path}"
    if one.vector is not None and want.vector is not None:
        assert np.allclose(_floats(one.vector), _floats(want.vector), atol=1e-5), f"vector of {path}"


def _floats(vector: bytes) -> Floats:
    found: Floats = np.frombuffer(vector, np.float32).astype(np.float64)
    return found


def assert_written_once(writes: Iterable[Write]) -> None:
    """No tag was written where it was already, and none twice to a photo, by the host's own record."""
    count: Counter[tuple[str, str]] = Counter()
    for one in writes:
        if one.route == "files/tags/add":
            assert one.changed, f"{one.tag} was written to {one.path} although it was there"
            count[one.id, one.tag] += 1
    twice = {key: many for key, many in count.items() if many > 1}
    assert not twice, f"written more than once: {twice}"
