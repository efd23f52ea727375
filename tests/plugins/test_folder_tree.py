"""What a real file system does to somebody who reads it: links, locks, moves, names, lost disks."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_core.connector import walk
from connector_core.errors import Gone, PlatformDown, StaleCursor
from connector_core.types import Asset, Page, Tag
from model_service.errors import Misconfigured, Refuse, Unreadable
from plugins.folder.connector import Folder
from tests.contract.connector import picture


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    return place


@pytest.fixture
def weak() -> Iterator[Path]:
    """A folder in the hands of a user whom locks can keep out, as they cannot the superuser."""
    place = Path(tempfile.mkdtemp())
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if is_root:
        os.chown(place, 65534, 65534)
        os.seteuid(65534)
    try:
        yield place
    finally:
        if is_root:
            os.seteuid(0)
        for found in [place, *place.rglob("*")]:
            found.chmod(0o700)
        shutil.rmtree(place)


def everything(folder: Folder, cursor: str = "") -> tuple[list[Asset], list[str], str]:
    pages = list(walk(folder, cursor))
    assets = [asset for page in pages for asset in page.assets]
    return assets, [note for page in pages for note in page.notes], pages[-1].cursor


def ids(folder: Folder) -> list[str]:
    return sorted(asset.id for asset in everything(folder)[0])


def age(*paths: Path) -> None:
    """As if written long ago, so that the clock's tick is no reason to read again."""
    for path in paths:
        os.utime(path, ns=(10**18 + 1, 10**18 + 1))


def test_ids_are_paths_from_the_root_with_slashes(root: Path) -> None:
    (root / "SS26" / "pack shots 🧥").mkdir(parents=True)
    (root / "SS26" / "pack shots 🧥" / "a.JPG").write_bytes(picture(1))
    assert ids(Folder(root)) == ["SS26/pack shots 🧥/a.JPG"]


def test_hidden_things_sidecars_and_our_own_memory_are_no_assets(root: Path) -> None:
    for name in (".hidden.png", "a.png.xmp", "a.xmp", "notes.txt", "._a.png", "a.png"):
        (root / name).write_bytes(picture(1))
    for name in (".git", "@eaDir", "$RECYCLE.BIN"):
        (root / name).mkdir()
        (root / name / "thumb.png").write_bytes(picture(2))
    folder = Folder(root)
    assert ids(folder) == ["a.png"]
    assert (root / ".propernoun" / "seen.sqlite").exists()
    assert ids(folder) == ["a.png"]


def test_drafts_that_a_killed_program_left_are_swept_once_nobody_works_on_them(root: Path) -> None:
    for name, days in ((".old.propernoun", 2), (".young.propernoun", 0), (".theirs.tmp", 2)):
        (root / name).write_bytes(picture(1))
        taken = time.time() - days * 86400
        os.utime(root / name, (taken, taken))
    assert ids(Folder(root)) == []
    assert sorted(path.name for path in root.iterdir() if path.is_file()) == [".theirs.tmp", ".young.propernoun"]


def test_a_link_that_leaves_the_folder_is_noted_and_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture(1))
    (root / "out.png").symlink_to(tmp_path / "secret.png")
    (root / "up").symlink_to(tmp_path)
    folder = Folder(root)
    assets, notes, _ = everything(folder)
    assert assets == []
    assert sorted(notes) == [
        "out.png is a link that leaves the folder; it was not followed.",
        "up is a link that leaves the folder; it was not followed.",
    ]
    with pytest.raises(Gone, match="link"):
        folder.download(Asset("out.png", "", ""), tmp_path / "copy.png")
    with pytest.raises(Refuse, match="leads out"):
        folder.download(Asset("up/secret.png", "", ""), tmp_path / "copy.png")
    with pytest.raises(Gone, match="link"):
        folder.retag("out.png", add={Tag("Aurora")}, remove=set())
    assert (tmp_path / "secret.png").read_bytes() == picture(1)


def test_links_in_a_circle_end(root: Path) -> None:
    (root / "a").mkdir()
    (root / "a" / "b.png").write_bytes(picture(1))
    (root / "a" / "again").symlink_to(root / "a")
    (root / "self.png").symlink_to(root / "self.png")
    assert ids(Folder(root)) == ["a/b.png"]


def test_a_folder_that_is_itself_a_link_is_read(root: Path, tmp_path: Path) -> None:
    (root / "a.png").write_bytes(picture(1))
    (tmp_path / "link").symlink_to(root)
    assert ids(Folder(tmp_path / "link")) == ["a.png"]


def test_a_directory_that_cannot_be_opened_is_noted_and_its_files_are_not_called_removed(weak: Path) -> None:
    (weak / "locked").mkdir()
    (weak / "locked" / "a.png").write_bytes(picture(1))
    (weak / "b.png").write_bytes(picture(2))
    folder = Folder(weak)
    _, _, cursor = everything(folder)
    (weak / "locked").chmod(0)
    (weak / "b.png").unlink()
    assets, notes, cursor = everything(folder, cursor)
    assert [(asset.id, asset.removed) for asset in assets] == [("b.png", True)]
    assert len(notes) == 1 and notes[0].startswith("The directory locked/ cannot be opened")
    (weak / "locked").chmod(0o700)
    assert everything(folder, cursor)[:2] == ([], [])


def test_a_file_that_cannot_be_read_is_noted_until_it_can(weak: Path) -> None:
    (weak / "a.png").write_bytes(picture(1))
    (weak / "a.png").chmod(0)
    folder = Folder(weak)
    for cursor in ("", everything(folder)[2]):
        assets, notes, _ = everything(folder, cursor)
        assert assets == []
        assert notes == ["a.png cannot be read: Permission denied. Check who may read it."]
    with pytest.raises(Unreadable):
        folder.download(Asset("a.png", "", ""), weak / "copy")
    (weak / "a.png").chmod(0o600)
    assert [asset.id for asset in everything(folder, cursor)[0]] == ["a.png"]


def test_a_name_that_is_not_unicode_is_noted(root: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.png")).write_bytes(picture(1))
    except OSError:
        pytest.skip("this file system knows Unicode names only")
    assets, notes, _ = everything(Folder(root))
    assert assets == []
    assert len(notes) == 1 and "not written in Unicode" in notes[0]


def test_both_ways_to_write_an_accent_are_two_files(root: Path) -> None:
    (root / "cafe\u0301.png").write_bytes(picture(1))
    (root / "caf\u00e9.png").write_bytes(picture(2))
    if len(os.listdir(root)) == 1:
        pytest.skip("this file system holds them for one name")
    assert ids(Folder(root)) == ["cafe\u0301.png", "caf\u00e9.png"]


def test_a_folder_that_goes_away_is_no_mass_removal(root: Path, tmp_path: Path) -> None:
    (root / "a.png").write_bytes(picture(1))
    folder = Folder(root, memory=tmp_path / "seen.sqlite")
    _, _, cursor = everything(folder)
    root.rename(tmp_path / "elsewhere")
    with pytest.raises(PlatformDown, match="disk connected"):
        folder.changes(cursor)
    root.mkdir()
    with pytest.raises(PlatformDown, match="is empty"):
        folder.changes(cursor)
    root.rmdir()
    (tmp_path / "elsewhere").rename(root)
    assert everything(folder, cursor)[0] == []


def test_a_folder_that_people_emptied_is_told(root: Path) -> None:
    (root / "a.png").write_bytes(picture(1))
    folder = Folder(root)
    _, _, cursor = everything(folder)
    (root / "a.png").unlink()
    assert [asset.removed for asset in everything(folder, cursor)[0]] == [True]


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no folder"):
        Folder(tmp_path / "none")


def test_a_lost_memory_makes_old_cursors_stale(root: Path) -> None:
    (root / "a.png").write_bytes(picture(1))
    _, _, cursor = everything(Folder(root))
    shutil.rmtree(root / ".propernoun")
    folder = Folder(root)
    with pytest.raises(StaleCursor):
        folder.changes(cursor)
    assert ids(folder) == ["a.png"]


def test_a_damaged_memory_is_begun_anew(root: Path) -> None:
    (root / "a.png").write_bytes(picture(1))
    _, _, cursor = everything(Folder(root))
    (root / ".propernoun" / "seen.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StaleCursor):
        Folder(root).changes(cursor)
    assert ids(Folder(root)) == ["a.png"]


def test_a_folder_that_cannot_be_written_can_be_read(weak: Path) -> None:
    (weak / "a.png").write_bytes(picture(1))
    weak.chmod(0o500)
    folder = Folder(weak)
    assets, notes, cursor = everything(folder)
    assert [asset.id for asset in assets] == ["a.png"]
    assert len(notes) == 1 and "forgotten when the program ends" in notes[0]
    assert everything(folder, cursor)[0] == []


def test_an_unchanged_file_is_not_read_again(weak: Path) -> None:
    (weak / "a.png").write_bytes(picture(1))
    age(weak / "a.png")
    folder = Folder(weak)
    # Sure only when the clock has ticked since; until then it reads again.
    folder.changes()
    db = sqlite3.connect(weak / ".propernoun" / "seen.sqlite")
    state = (weak / "a.png").stat()
    db.execute("update files set mtime = ?", (state.st_mtime_ns,))
    db.commit()
    db.close()
    reads: list[int] = []
    Folder(weak, progress=reads.append).changes()
    assert reads == []
    (weak / "a.png").write_bytes(picture(2))
    Folder(weak, progress=reads.append).changes()
    assert reads == [0]


def test_a_change_that_keeps_size_and_time_is_seen(root: Path) -> None:
    data = bytearray(picture(1))
    path = root / "a.bmp"
    path.write_bytes(data)
    age(path)
    folder = Folder(root)
    _, _, cursor = everything(folder)
    data[-20] ^= 1
    path.write_bytes(data)
    age(path)
    assert [asset.id for asset in everything(folder, cursor)[0]] == ["a.bmp"]


def test_a_moved_directory_is_told_without_reading_a_file(root: Path) -> None:
    (root / "old").mkdir()
    for number in range(5):
        (root / "old" / f"{number}.png").write_bytes(picture(number))
        age(root / "old" / f"{number}.png")
    folder = Folder(root)
    before, _, cursor = everything(folder)
    (root / "old").rename(root / "new")
    for number in range(5):
        # Not a byte of these is to be looked at: were they read, the version would be another.
        state = (root / "new" / f"{number}.png").stat()
        db = sqlite3.connect(root / ".propernoun" / "seen.sqlite")
        db.execute("update files set mtime = ? where path = ?", (state.st_mtime_ns, f"old/{number}.png"))
        db.execute("update files set version = ? where path = ?", (f"v{number}", f"old/{number}.png"))
        db.commit()
        db.close()
    after, _, _ = everything(folder, cursor)
    assert {a.id for a in after if a.removed} == {a.id for a in before}
    assert {a.id: a.version for a in after if not a.removed} == {f"new/{n}.png": f"v{n}" for n in range(5)}


def test_progress_counts_down_what_is_still_to_be_read(root: Path) -> None:
    for number in range(5):
        (root / f"{number}.png").write_bytes(picture(number))
    left: list[int] = []
    everything(Folder(root, page=2, progress=left.append))
    assert left == [4, 3, 2, 1, 0]


def test_two_readers_at_once_lose_nothing(root: Path) -> None:
    for number in range(40):
        (root / f"{number}.png").write_bytes(picture(number))
    found: list[set[str]] = []

    def read() -> None:
        found.append({asset.id for asset in everything(Folder(root, page=3))[0]})

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{f"{number}.png" for number in range(40)}] * 4


def test_an_empty_file_is_listed_like_any_other(root: Path) -> None:
    (root / "a.jpg").write_bytes(b"")
    assets, notes, _ = everything(Folder(root))
    assert [(asset.id, asset.size) for asset in assets] == [("a.jpg", 0)]
    assert notes == []


def test_something_that_is_no_file_is_no_asset(root: Path) -> None:
    (root / "folder.png").mkdir()
    os.mkfifo(root / "pipe.png")
    folder = Folder(root)
    assert ids(folder) == []
    for name in ("folder.png", "pipe.png"):
        with pytest.raises(Gone):
            folder.retag(name, add={Tag("Aurora")}, remove=set())


def test_a_page_is_never_larger_than_asked(root: Path) -> None:
    for number in range(7):
        (root / f"{number}.png").write_bytes(picture(number))
    pages: list[Page] = list(walk(Folder(root, page=3)))
    assert [len(page.assets) for page in pages] == [3, 3, 1]
