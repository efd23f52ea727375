"""Writing keywords where it is not easy: sidecars, locks, full disks, damaged files, names that cannot be."""

from __future__ import annotations

import os
import resource
import stat
import time
from pathlib import Path

import pytest

from connector_core.errors import ReadOnly, Retry
from connector_core.types import Asset, Edits, Tag
from model_service.errors import Refuse
from plugins.folder import disk
from plugins.folder.connector import Folder
from tests.contract.connector import picture
from tests.plugins import tools
from tests.plugins.test_folder_formats import FILES, XMP
from tests.plugins.test_folder_tree import weak

__all__ = ["weak"]

AURORA = {Tag("Aurora")}
NONE: set[Tag] = set()
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 500


def edits(folder: Folder, name: str) -> Edits:
    return folder.edits([Asset(name, "", name)])[name]


def put(root: Path, name: str, data: bytes) -> Path:
    path = root / name
    path.write_bytes(data)
    return path


def test_a_format_we_do_not_write_into_gets_a_sidecar_that_goes_with_its_last_word(tmp_path: Path) -> None:
    put(tmp_path, "a.heic", HEIC)
    folder = Folder(tmp_path)
    written = folder.retag("a.heic", add=AURORA, remove=NONE)
    assert written.place == "sidecar a.heic.xmp (nothing is written into files of this kind)"
    assert (tmp_path / "a.heic").read_bytes() == HEIC
    assert tools.words(tmp_path / "a.heic.xmp") == ["Aurora"]
    assert any("Aurora" in line for line in tools.exiv2(tmp_path / "a.heic.xmp"))
    assert not folder.retag("a.heic", add=AURORA, remove=NONE).changed
    assert folder.retag("a.heic", add=NONE, remove=AURORA).changed
    assert os.listdir(tmp_path) == ["a.heic"]


def test_removing_from_nothing_makes_no_sidecar(tmp_path: Path) -> None:
    put(tmp_path, "a.heic", HEIC)
    written = Folder(tmp_path).retag("a.heic", add=NONE, remove=AURORA)
    assert (written.changed, os.listdir(tmp_path)) == (False, ["a.heic"])


def test_a_sidecar_that_lightroom_left_is_used_and_kept(tmp_path: Path) -> None:
    put(tmp_path, "a.heic", HEIC)
    sidecar = put(tmp_path, "a.xmp", XMP)
    folder = Folder(tmp_path)
    assert folder.retag("a.heic", add=AURORA, remove=NONE).place.startswith("sidecar a.xmp")
    assert tools.words(sidecar) == ["holiday", "café", "Aurora"]
    assert edits(folder, "a.heic") == Edits()
    folder.retag("a.heic", add=NONE, remove=AURORA | {Tag("holiday")})
    assert tools.words(sidecar) == ["holiday", "café"]


def test_a_sidecar_that_could_belong_to_the_raw_file_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "a.heic", HEIC)
    put(tmp_path, "a.NEF", b"raw")
    sidecar = put(tmp_path, "a.xmp", XMP)
    assert Folder(tmp_path).retag("a.heic", add=AURORA, remove=NONE).place.startswith("sidecar a.heic.xmp")
    assert sidecar.read_bytes() == XMP


def test_a_damaged_sidecar_is_somebodys_work(tmp_path: Path) -> None:
    put(tmp_path, "a.heic", HEIC)
    sidecar = put(tmp_path, "a.heic.xmp", b"<x:xmpmeta")
    with pytest.raises(ReadOnly, match="damaged"):
        Folder(tmp_path).retag("a.heic", add=AURORA, remove=NONE)
    assert sidecar.read_bytes() == b"<x:xmpmeta"


def test_words_inside_a_heic_are_not_hidden_by_its_new_sidecar(tmp_path: Path) -> None:
    put(tmp_path, "a.heic", HEIC + XMP + b"\x00" * 99)
    folder = Folder(tmp_path)
    assert edits(folder, "a.heic") == Edits(frozenset({"holiday", "café"}))
    assert folder.retag("a.heic", add=AURORA | {Tag("holiday")}, remove=NONE).tags == {"Aurora"}
    assert tools.words(tmp_path / "a.heic.xmp") == ["holiday", "café", "Aurora"]
    folder.retag("a.heic", add=NONE, remove=AURORA)
    assert os.listdir(tmp_path) == ["a.heic"]


def test_a_sidecar_is_no_change_of_its_picture(tmp_path: Path) -> None:
    put(tmp_path, "a.heic", HEIC)
    folder = Folder(tmp_path)
    cursor = folder.changes().cursor
    folder.retag("a.heic", add=AURORA, remove=NONE)
    assert folder.changes(cursor).assets == ()


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF", "damaged"),
        (b"\xff\xfe\xff\xfe\xff", "damaged"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + XMP, "DTD"),
        (b"<?xml version='1.0'?><!DOCTYPE a SYSTEM 'http://example.com/a.dtd'>" + XMP, "DTD"),
        (b"<a>" * 200 + b"</a>" * 200, "larger"),
        (b"<a>no rdf</a>", "damaged"),
        (XMP.replace(b"rdf:Seq", b"rdf:Odd"), "unknown form"),
        (XMP.replace(b"<dc:subject>", b"<dc:subject rdf:parseType='Literal'><b/>"), "unknown form"),
    ],
)
def test_xmp_that_is_damaged_or_dangerous_is_left_alone(tmp_path: Path, packet: bytes, reason: str) -> None:
    body = b"http://ns.adobe.com/xap/1.0/\x00" + packet
    data = b"\xff\xd8\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + FILES["plain.jpg"][2:]
    path = put(tmp_path, "a.jpg", data)
    written = Folder(tmp_path).retag("a.jpg", add=AURORA, remove=NONE)
    assert written.place.startswith("sidecar a.jpg.xmp (the XMP")
    assert reason in written.place
    assert path.read_bytes() == data
    # Behind a DTD there is a packet that can be read; its words must not be hidden.
    assert tools.words(tmp_path / "a.jpg.xmp") == (["holiday", "café", "Aurora"] if reason == "DTD" else ["Aurora"])


def test_old_forms_of_xmp_are_understood(tmp_path: Path) -> None:
    attribute = XMP.replace(b"a:note=", b"dc:subject='beach' a:note=")
    attribute = attribute[: attribute.index(b"<dc:subject>")] + attribute[attribute.index(b"<dc:title>") :]
    plain = attribute.replace(b"dc:subject='beach' ", b"").replace(
        b"<dc:title>", b"<dc:subject>beach</dc:subject><dc:title>"
    )
    wide = XMP.decode().replace("holiday", "beach").replace("<rdf:li>caf&#xE9;</rdf:li>", "").encode("utf-16-le")
    for number, packet in enumerate((attribute, plain, wide)):
        put(tmp_path, f"{number}.heic", HEIC)
        sidecar = put(tmp_path, f"{number}.heic.xmp", packet)
        folder = Folder(tmp_path)
        written = folder.retag(f"{number}.heic", add=AURORA | {Tag("beach")}, remove=NONE)
        assert written.tags == {"Aurora"}
        assert tools.words(sidecar) == ["beach", "Aurora"]
        folder.retag(f"{number}.heic", add=NONE, remove=AURORA)
        assert tools.words(sidecar) == ["beach"]
        assert tools.words(sidecar, "XMP-dc:Title") == ["A & B"]


def test_a_write_protected_file_gets_a_sidecar(weak: Path) -> None:
    path = put(weak, "a.jpg", FILES["dressed.jpg"])
    path.chmod(0o400)
    written = Folder(weak).retag("a.jpg", add=AURORA, remove=NONE)
    assert written.place == "sidecar a.jpg.xmp (the file is write-protected)"
    assert path.read_bytes() == FILES["dressed.jpg"]
    assert tools.words(weak / "a.jpg.xmp") == ["holiday", "café", "Aurora"]
    path.chmod(0o600)
    assert Folder(weak).retag("a.jpg", add=NONE, remove=AURORA).place == "sidecar a.jpg.xmp"
    assert os.listdir(weak) == ["a.jpg"]


def test_a_file_that_holds_our_words_and_is_then_protected_says_so(weak: Path) -> None:
    path = put(weak, "a.jpg", FILES["plain.jpg"])
    folder = Folder(weak)
    folder.retag("a.jpg", add=AURORA, remove=NONE)
    path.chmod(0o400)
    assert not folder.retag("a.jpg", add=AURORA, remove=NONE).changed
    with pytest.raises(ReadOnly, match="write-protected"):
        folder.retag("a.jpg", add={Tag("SS26")}, remove=NONE)


@pytest.mark.parametrize("name", ["a.jpg", "a.heic"])
def test_a_protected_folder_is_read_only(weak: Path, name: str) -> None:
    path = put(weak, name, FILES["plain.jpg"] if name == "a.jpg" else HEIC)
    before = path.read_bytes()
    weak.chmod(0o500)
    with pytest.raises(ReadOnly, match=r"cannot be written: Permission denied\. Nothing was changed"):
        Folder(weak).retag(name, add=AURORA, remove=NONE)
    assert (path.read_bytes(), os.listdir(weak)) == (before, [name])


def test_a_full_disk_changes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    data = FILES["dressed.jpg"]
    put(tmp_path, "a.jpg", data)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(ReadOnly, match=r"a\.jpg cannot be written"):
            Folder(tmp_path).retag("a.jpg", add=AURORA, remove=NONE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(tmp_path) == ["a.jpg"]
    assert (tmp_path / "a.jpg").read_bytes() == data


def test_a_file_that_another_program_just_wrote_is_tried_again_later(tmp_path: Path) -> None:
    path = put(tmp_path, "a.jpg", b"before")
    seen = path.stat()
    path.write_bytes(b"by another program")
    with pytest.raises(Retry):
        disk.replace(path, b"ours", seen=seen)
    assert path.read_bytes() == b"by another program"
    assert os.listdir(tmp_path) == ["a.jpg"]
    with pytest.raises(Retry):
        disk.replace(path, b"ours", seen=None)


def test_mode_and_extended_attributes_stay_and_the_time_moves(tmp_path: Path) -> None:
    path = put(tmp_path, "a.jpg", FILES["plain.jpg"])
    path.chmod(0o640)
    os.utime(path, (10**9, 10**9))
    has_attributes = True
    try:
        os.setxattr(path, "user.label", b"red")
    except (OSError, AttributeError):
        has_attributes = False
    Folder(tmp_path).retag("a.jpg", add=AURORA, remove=NONE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert time.time() - path.stat().st_mtime < 60
    if has_attributes:
        assert os.getxattr(path, "user.label") == b"red"


def test_a_new_sidecar_can_be_read_by_whom_the_system_lets(tmp_path: Path) -> None:
    put(tmp_path, "a.heic", HEIC)
    mask = os.umask(0o022)
    try:
        Folder(tmp_path).retag("a.heic", add=AURORA, remove=NONE)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a.heic.xmp").stat().st_mode) == 0o644


@pytest.mark.parametrize("name", ["", " ", "\n", " a", "a\x00b", "a\x1bb", "\ud800", "\ufffe", "x" * 251])
def test_names_that_cannot_be_keywords_are_refused(tmp_path: Path, name: str) -> None:
    put(tmp_path, "a.jpg", FILES["plain.jpg"])
    with pytest.raises(Refuse):
        Folder(tmp_path).retag("a.jpg", add={Tag(name)}, remove=NONE)
    assert (tmp_path / "a.jpg").read_bytes() == FILES["plain.jpg"]


def test_a_tag_cannot_come_and_go_at_once(tmp_path: Path) -> None:
    put(tmp_path, "a.png", picture(1))
    with pytest.raises(Refuse, match="at once"):
        Folder(tmp_path).retag("a.png", add=AURORA, remove={Tag("Aurora", group="other")})


def test_more_words_than_a_jpeg_holds_go_beside_it(tmp_path: Path) -> None:
    path = put(tmp_path, "a.jpg", FILES["plain.jpg"])
    many = {Tag(f"{number:04} " + "ö" * 90) for number in range(200)}
    written = Folder(tmp_path).retag("a.jpg", add=many, remove=NONE)
    assert written.place == "sidecar a.jpg.xmp (a JPEG holds no more than 64 KB of keywords and there is more)"
    assert path.read_bytes() == FILES["plain.jpg"]
    assert len(tools.words(tmp_path / "a.jpg.xmp")) == 200


def test_a_bigtiff_gets_a_sidecar(tmp_path: Path) -> None:
    put(tmp_path, "a.tif", b"II+\x00\x08\x00\x00\x00" + b"\x00" * 100)
    assert Folder(tmp_path).retag("a.tif", add=AURORA, remove=NONE).place.startswith("sidecar a.tif.xmp")


def test_edits_of_a_file_we_never_wrote_are_all_of_its_words(tmp_path: Path) -> None:
    path = put(tmp_path, "a.jpg", FILES["plain.jpg"])
    tools.edit(path, "-IPTC:Keywords=beach")
    assert edits(Folder(tmp_path), "a.jpg") == Edits(frozenset({"beach"}))
