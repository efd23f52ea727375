"""Search in the store: everything that is asked for must hold, and pages follow each other without a gap."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connector_core.db import open_database
from connector_core.store.rows import State
from connector_core.store.search import Query
from connector_core.store.store import Store, TenantStore
from connector_core.types import Asset
from model_service.errors import Refuse
from tests.connector_core.noted import Noted

NAMES = ("Aurora_Shell-front.JPG", "IMG_4711.jpg", "Fête d'été.png", "team.heic", "IMG_4712.jpg", "100%.jpg")


@dataclass
class Library:
    """A small library: photos ``0`` to ``5``, and what is said of them."""

    store: Store
    tenant: str
    connection: str
    photos: list[str]
    shell: str
    fleece: str
    group: str

    def find(self, **asked: object) -> list[int]:
        """The numbers of the photos that are found, in the order in which they come."""
        with self.store.tenant(self.tenant, only_reads=True) as mine:
            found = mine.search.page(Query(**asked))  # type: ignore[arg-type]
        return [self.photos.index(one.id) for one in found.assets]


@pytest.fixture
def library(database: str) -> Iterator[Library]:
    engine = open_database(database)
    store = Store(engine, Noted())
    tenant = store.add("Nordlys")
    with store.tenant(tenant) as mine:
        connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})
        for number, name in enumerate(NAMES):
            facts = Asset(f"id:{number}", "1", name, modified=1000.0 * number)
            mine.assets.seen(connection, [facts], 0, "first" if number < 3 else "second")
            time.sleep(0.002)  # ids follow the time of day
        photos = [one.id for one in mine.assets.page()]
        shell, fleece = mine.vocabulary.tag("Aurora Shell", sku="AS-17"), mine.vocabulary.tag("Polar Fleece")
        mine.vocabulary.call(shell, "de", "Nordlichtjacke", ["Größe Hülle"])
        group = mine.vocabulary.one(shell).group
    yield Library(store, tenant, connection, photos, shell, fleece, group)
    engine.dispose()


def guess(mine: TenantStore, library: Library, number: int, tag: str, decision: str = "apply") -> None:
    said = {"asset": library.photos[number], "group": library.group, "tag": tag}
    mine.judgements.predict([{**said, "probability": 0.9, "decision": decision}])


def verdict(mine: TenantStore, library: Library, number: int, tag: str, yes: bool) -> None:
    mine.judgements.say(library.photos[number], tag, yes=yes, person="Ada", source="panel")


class TestByTag:
    def test_what_the_model_people_or_the_host_say_is_found(self, library: Library) -> None:
        with library.store.tenant(library.tenant) as mine:
            guess(mine, library, 0, library.shell)
            guess(mine, library, 1, library.shell, "review")
            guess(mine, library, 2, library.shell, "reject")
            verdict(mine, library, 3, library.shell, True)
            mine.pushes.note(library.photos[4], {library.shell: "aurora_shell"}, "", sure=True)
            guess(mine, library, 5, library.fleece)
        assert library.find(tag=library.shell) == [4, 3, 1, 0]
        assert library.find(tag=library.shell, order="oldest") == [0, 1, 3, 4]
        assert library.find(tag=library.shell, decision="review") == [1]
        assert library.find(tag=library.shell, decision="reject") == [2]

    def test_what_a_person_contradicted_is_not(self, library: Library) -> None:
        with library.store.tenant(library.tenant) as mine:
            for number in range(3):
                guess(mine, library, number, library.shell)
            verdict(mine, library, 0, library.shell, False)
            verdict(mine, library, 1, library.fleece, True)
        assert library.find(tag=library.shell) == [2]
        assert library.find(tag=library.fleece) == [1]

    def test_of_another_tenant_nothing_is_found(self, library: Library) -> None:
        with library.store.tenant(library.tenant) as mine:
            guess(mine, library, 0, library.shell)
        with library.store.tenant(library.store.add("another")) as theirs:
            for query in (Query(), Query(tag=library.shell), Query(words="aurora"), Query(decision="apply")):
                assert theirs.search.page(query).assets == ()


class TestByWords:
    @pytest.mark.parametrize(
        "words", ["aurora", "AURORA sh", "as-17", "17 as", "nordlicht", "GROSSE hull", "shell aur"]
    )
    def test_any_name_of_a_tag_is_found_by_the_beginnings_of_its_words(self, library: Library, words: str) -> None:
        with library.store.tenant(library.tenant) as mine:
            guess(mine, library, 3, library.shell)
        assert 3 in library.find(words=words)

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("img", [4, 1]),
            ("4711", [1]),
            ("ete", [2]),
            ("d ete FETE", [2]),
            ("711", []),
            ("100", [5]),
            ("img team", []),
        ],
    )
    def test_names_of_files_are_found_too(self, library: Library, words: str, found: list[int]) -> None:
        assert library.find(words=words) == found

    def test_each_word_may_be_found_elsewhere(self, library: Library) -> None:
        with library.store.tenant(library.tenant) as mine:
            guess(mine, library, 1, library.shell)
            guess(mine, library, 3, library.shell)
        assert library.find(words="img aurora") == [1]
        assert library.find(words="aurora") == [3, 1, 0]

    def test_many_tags_of_one_word_are_found_together(self, library: Library) -> None:
        with library.store.tenant(library.tenant) as mine:
            many = [mine.vocabulary.tag(f"Common {number}") for number in range(40)]
            guess(mine, library, 1, many[3])
            guess(mine, library, 3, many[30])
        assert library.find(words="common") == [3, 1]
        assert library.find(words="common 30") == [3]

    def test_words_follow_a_renamed_tag(self, library: Library) -> None:
        with library.store.tenant(library.tenant) as mine:
            guess(mine, library, 3, library.shell)
            mine.vocabulary.change(library.shell, name="Borealis")
        assert library.find(words="boreal") == [3]
        assert library.find(words="aurora") == [0]

    @pytest.mark.parametrize("words", ["%", "x" * 251, " ".join("abcdefghi"), "-_-"])
    def test_what_is_no_search_is_refused(self, library: Library, words: str) -> None:
        with pytest.raises(Refuse):
            library.find(words=words)


class TestByFacts:
    def test_state_connection_batch_and_time_must_all_hold(self, library: Library) -> None:
        with library.store.tenant(library.tenant) as mine:
            (one,) = mine.assets.claim(library.connection, 1)
            mine.assets.done(one, State.SKIPPED, "It is empty.")
        assert library.find(state="skipped") == [0]
        assert library.find(connection=library.connection) == [5, 4, 3, 2, 1, 0]
        assert library.find(connection="another") == []
        assert library.find(batch="first") == [2, 1, 0]
        assert library.find(since=1000.0, until=3000.0) == [2, 1]
        assert library.find(batch="second", since=4000.0, until=5000.0) == [4]
        # Photo 0 has no date of its host's: when it was first seen counts.
        assert library.find(since=time.time() - 600) == [0]

    def test_decision_and_group_are_those_of_one_prediction(self, library: Library) -> None:
        with library.store.tenant(library.tenant) as mine:
            season = mine.vocabulary.group("season")
            guess(mine, library, 0, library.shell, "review")
            guess(mine, library, 1, library.shell, "reject")
            said = {"asset": library.photos[2], "group": season, "tag": "x", "probability": 0.5}
            mine.judgements.predict([{**said, "decision": "review"}])
        assert library.find(decision="review") == [2, 0]
        assert library.find(decision="review", group=season) == [2]
        assert library.find(group=library.group) == [0]


class TestPages:
    @pytest.mark.parametrize("order", ["newest", "oldest"])
    @pytest.mark.parametrize("by", ["nothing", "tag", "words"])
    def test_pages_follow_each_other_without_a_gap(self, library: Library, order: str, by: str) -> None:
        with library.store.tenant(library.tenant) as mine:
            mine.assets.seen(library.connection, [Asset(f"x{n}", "1", f"x{n}.jpg") for n in range(40)], 0, "")
            all_of_them = [one.id for one in mine.assets.page(limit=100)]
            for asset in all_of_them[::2]:
                said = {"asset": asset, "group": library.group, "tag": library.fleece, "probability": 0.9}
                mine.judgements.predict([{**said, "decision": "apply"}])
        asked = {"nothing": {}, "tag": {"tag": library.fleece}, "words": {"words": "fleece"}}[by]
        query, cursor, pages = Query(**asked, order=order), "", []  # type: ignore[arg-type]
        with library.store.tenant(library.tenant, only_reads=True) as mine:
            while True:
                found = mine.search.page(query, cursor, limit=7)
                pages.append([one.id for one in found.assets])
                if not found.more:
                    break
                cursor = found.cursor
        shown = all_of_them if by == "nothing" else all_of_them[::2]
        assert [one for page in pages for one in page] == (shown if order == "oldest" else shown[::-1])
        assert {len(page) for page in pages[:-1]} == {7} and found.cursor == ""

    def test_a_cursor_that_is_none_is_refused(self, library: Library) -> None:
        with library.store.tenant(library.tenant, only_reads=True) as mine:
            cursor = mine.search.page(Query(), limit=1).cursor
            for odd in ("x", "ü", "0" * 5000, cursor[:-4], cursor[::-1], "' OR 1=1 --"):
                with pytest.raises(Refuse):
                    mine.search.page(Query(), odd)
            with pytest.raises(Refuse):
                mine.search.page(Query(words="img"), cursor)

    @pytest.mark.parametrize("limit", [0, -1, 1001])
    def test_a_page_has_bounds(self, library: Library, limit: int) -> None:
        with library.store.tenant(library.tenant) as mine, pytest.raises(Refuse):
            mine.search.page(Query(), limit=limit)
