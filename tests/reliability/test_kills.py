"""Real processes are killed in the middle of a thousand photos: the end is that of a run in which nothing went wrong.

RELIABILITY_SEED chooses where (it is printed), RELIABILITY_PHOTOS how many photos, RELIABILITY_KILLS how many kills.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests import services
from tests.reliability.chaos import chaos
from tests.reliability.ends import End, Photo, assert_same_photo, assert_written_once
from tests.reliability.shop import KINDS_OF_PHOTO, Shop, opened

PHOTOS = int(os.environ.get("RELIABILITY_PHOTOS", "1000"))
KILLS = int(os.environ.get("RELIABILITY_KILLS", "8"))
SEED = int(os.environ.get("RELIABILITY_SEED") or secrets.randbelow(10**6))
PATIENCE = 240.0


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    name = f"r{secrets.token_hex(6)}"
    admin = create_engine(
        postgres_server.replace("postgresql:", "postgresql+psycopg:") + "/postgres", isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"{postgres_server}/{name}"
    admin.dispose()


@pytest.fixture(scope="session")
def faultless(tmp_path_factory: pytest.TempPathFactory) -> End:
    """A run of one photo of each kind, in which nothing goes wrong."""
    with opened(tmp_path_factory.mktemp("faultless"), KINDS_OF_PHOTO) as shop:
        shop.start("web")
        return shop.rest(PATIENCE)


def compare(shop: Shop, end: End, wanted: End) -> None:
    """Every photo has come to what its like came to without faults; people's words are there, ours once each."""
    assert len(end.photos) == shop.photos
    likes: dict[str, Photo] = {photo.version: photo for photo in wanted.photos.values()}
    for path, photo in end.photos.items():
        assert_same_photo(path, photo, likes[photo.version])
    assert (end.connection, end.outbox, end.owed) == (wanted.connection, 0, ())
    assert end.cursor_is_last and end.models == wanted.models
    shown = {path.lower(): tags for path, tags in shop.twin.all_tags().items()}
    for path, photo in end.photos.items():
        assert shown[path] == {*photo.marks.values()} | ({"keep_me"} if path in shop.kept else set()), path
    assert_written_once(shop.twin.writes)
    assert not [one for one in shop.twin.writes if one.tag == "keep_me" or one.route == "files/tags/remove"]


def test_one_process_is_killed_again_and_again(tmp_path: Path, faultless: End) -> None:
    with opened(tmp_path, PHOTOS) as shop:
        chaos(shop, SEED, KILLS)
        compare(shop, shop.rest(PATIENCE), faultless)


def test_web_workers_and_redis_are_killed_again_and_again(tmp_path: Path, postgres: str, faultless: End) -> None:
    with services.redis() as redis, opened(tmp_path, PHOTOS, database=postgres, redis=redis) as shop:
        chaos(shop, SEED, KILLS)
        compare(shop, shop.rest(PATIENCE), faultless)
