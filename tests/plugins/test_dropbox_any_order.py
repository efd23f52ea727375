"""Whatever people do while we list, however small the pages and lost the cursors: the store ends up with the truth."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connector_core.db import open_database
from connector_core.errors import StaleCursor
from connector_core.media import media_type
from connector_core.queue.job import Job
from connector_core.store.rows import State
from connector_core.store.store import Store
from tests.plugins.dropbox import OnTwin
from tests.twins.dropbox import Twin
from tests.twins.dropbox.tree import Lookup

PATHS = ("/a.png", "/b.png", "/s/a.png", "/s/b.png", "/S/t/c.png", "/s 2/a.png", "/a.png/b.png", "/notes.txt")
PLACES = (*PATHS, "/s", "/s/t", "/s 2", "/a.png", "/moved", "/moved/s", "/c.png")
DEEDS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(PATHS), st.binary(min_size=1, max_size=1)),
    st.tuples(st.just("delete"), st.sampled_from(PLACES)),
    st.tuples(st.just("move"), st.sampled_from(PLACES), st.sampled_from(PLACES)),
    st.tuples(st.just("read"), st.integers(1, 4), st.integers(1, 5)),
    st.tuples(st.just("read"), st.integers(1, 4), st.integers(1, 5)),
    st.tuples(st.just("forget")),
)


class Nobody:
    """A queue in which nobody works."""

    def put(self, job: Job) -> None:
        """Nothing happens."""

    def depth(self) -> dict[str, int]:
        """Nothing waits."""
        return {}


class Follower:
    """Somebody who puts page after page into the store, as a scan does, and may be cut off after any."""

    def __init__(self, platform: OnTwin, store: Store) -> None:
        self._platform, self._store = platform, store
        self._tenant = store.add("Nordlys")
        with store.tenant(self._tenant) as mine:
            self._connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})
        self._cursor, self._round, self._is_whole = "", 0, True

    def read(self, pages: int, size: int) -> bool:
        """So many pages; whether that was the end."""
        for _ in range(pages):
            try:
                page = self._platform.connect(page=size).changes(self._cursor)
            except StaleCursor:
                self._cursor, self._round, self._is_whole = "", self._round + 1, True
                continue
            assert page.cursor != self._cursor or not page.more
            with self._store.tenant(self._tenant) as mine:
                mine.assets.seen(self._connection, page.assets, self._round, "")
                self._cursor = page.cursor
                if not page.more and self._is_whole:
                    mine.assets.gone_since(self._connection, self._round)
                    self._is_whole = False
            if not page.more:
                return True
        return False

    def known(self) -> dict[str, tuple[str, str]]:
        """By id, version and path of what is there."""
        with self._store.tenant(self._tenant) as mine:
            found = mine.assets.page(limit=1000)
        return {one.host_id: (one.version, one.path) for one in found if one.state != State.GONE}


def do(twin: Twin, deed: tuple[object, ...], follower: Follower) -> None:
    """One deed of a person, of the host, or of ours; what cannot be done is not done."""
    with contextlib.suppress(Lookup):
        match deed:
            case ("put", str(path), bytes(data)):
                twin.put(path, data)
            case ("delete", str(path)):
                twin.delete(path)
            case ("move", str(path), str(to)) if not f"{to}/".lower().startswith(f"{path}/".lower()):
                if twin.tree.at(to) is None:
                    twin.move(path, to)
            case ("read", int(pages), int(size)):
                follower.read(pages, size)
            case ("forget",):
                twin.reset_cursors()


@settings(max_examples=25, deadline=None)
@given(st.lists(DEEDS, max_size=25), st.integers(0, 2))
def test_the_store_ends_up_with_the_truth(deeds: list[tuple[object, ...]], blank: int) -> None:
    with tempfile.TemporaryDirectory() as place, Twin() as twin:
        engine = open_database(f"sqlite:///{Path(place) / 'store.db'}")
        try:
            twin.set(empty_pages=blank)
            follower = Follower(OnTwin(twin), Store(engine, Nobody()))
            for deed in deeds:
                do(twin, deed, follower)
            while not follower.read(9, 3):
                pass
            truth = {
                row["id"]: (row["hash"], row["path"])
                for row in twin.tree.below("")
                if row["kind"] == "file" and media_type(row["display"])
            }
            assert follower.known() == truth
        finally:
            engine.dispose()
