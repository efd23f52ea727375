"""Keywords inside files: every format, read back by programs that are not ours, with every pixel where it was."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from connector_core.types import Tag
from plugins.folder.connector import Folder
from plugins.folder.formats import Reader, jpeg, recognise
from plugins.folder.version import version_of
from tests.plugins import tools

ADDED = {Tag("Aurora Shell"), Tag("Größe 42 🧥", group="size")}
NAMES = ["Aurora Shell", "Größe 42 🧥"]
PIXELS = Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 51, 3), dtype=np.uint8))
XMP = b"""<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
<rdf:Description rdf:about='' xmlns:a='http://example.com/a/' xmlns:dc='http://purl.org/dc/elements/1.1/'
 a:note='one&#xA;two&#9;&quot;three&quot; &lt;four&gt;'>
 <dc:subject><rdf:Seq><rdf:li>holiday</rdf:li><rdf:li>caf&#xE9;</rdf:li></rdf:Seq></dc:subject>
 <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>A &amp; B</rdf:li></rdf:Alt></dc:title>
 <a:deep rdf:parseType='Resource'><a:inner>7</a:inner><!-- mine --></a:deep>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def written(**options: object) -> bytes:
    out = io.BytesIO()
    PIXELS.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def animation() -> bytes:
    frames = [Image.new("P", (20, 20), number) for number in range(4)]
    for frame in frames:
        frame.putpalette([value * 60 for value in range(4) for _ in range(3)])
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
    return out.getvalue()


def moving_webp() -> bytes:
    frames = [Image.new("RGBA", (20, 20), (number * 60, 9, 9, 128)) for number in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=80)
    return out.getvalue()


def exif() -> Image.Exif:
    found = Image.Exif()
    found[0x0112], found[0x010F] = 6, "Camera"
    return found


def phone() -> bytes:
    """Two pictures in one file, found by an index that counts bytes."""
    out = io.BytesIO()
    PIXELS.save(out, "MPO", save_all=True, append_images=[PIXELS.rotate(180)])
    return out.getvalue()


def big_endian() -> bytes:
    """A TIFF as some scanners write it."""
    pixels = PIXELS.tobytes()
    fields = [
        (256, 3, 1, struct.pack(">HH", 51, 0)),
        (257, 3, 1, struct.pack(">HH", 40, 0)),
        (258, 3, 3, struct.pack(">I", 8)),
        (259, 3, 1, struct.pack(">HH", 1, 0)),
        (262, 3, 1, struct.pack(">HH", 2, 0)),
        (273, 4, 1, struct.pack(">I", 14)),
        (277, 3, 1, struct.pack(">HH", 3, 0)),
        (278, 3, 1, struct.pack(">HH", 40, 0)),
        (279, 4, 1, struct.pack(">I", len(pixels))),
    ]
    table = b"".join(struct.pack(">HHI", tag, kind, count) + value for tag, kind, count, value in fields)
    head = b"MM\x00*" + struct.pack(">I", 14 + len(pixels)) + struct.pack(">HHH", 8, 8, 8)
    return head + pixels + struct.pack(">H", len(fields)) + table + struct.pack(">I", 0)


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
FILES = {
    "plain.jpg": written(format="JPEG"),
    "progressive.jpg": written(format="JPEG", progressive=True, optimize=True),
    "dressed.jpg": written(format="JPEG", exif=exif(), icc_profile=PROFILE, comment=b"hello", xmp=XMP),
    "phone.jpg": phone(),
    "plain.png": written(format="PNG"),
    "dressed.png": written(format="PNG", exif=exif(), icc_profile=PROFILE),
    "lossy.webp": written(format="WEBP"),
    "lossless.webp": written(format="WEBP", lossless=True),
    "dressed.webp": written(format="WEBP", exif=exif(), icc_profile=PROFILE, xmp=XMP),
    "moving.webp": moving_webp(),
    "plain.tif": written(format="TIFF"),
    "packed.tif": written(format="TIFF", compression="tiff_lzw"),
    "big-endian.tif": big_endian(),
    "plain.gif": written(format="GIF"),
    "moving.gif": animation(),
}


@pytest.fixture(params=FILES)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    place = tmp_path / request.param
    place.write_bytes(FILES[request.param])
    return place


def pixels(data: bytes) -> list[bytes]:
    """Every frame, decoded."""
    frames = []
    with Image.open(io.BytesIO(data)) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            frames.append(picture.convert("RGBA").tobytes())
    return frames


def compressed(data: bytes) -> list[bytes]:
    """The stretches of the file that hold the picture, byte for byte."""
    reader = Reader(io.BytesIO(data))
    known = recognise(reader)
    assert known is not None
    return [p if isinstance(p, bytes) else data[p[0] : p[0] + p[1]] for p in known.essence(reader)]


def retag(path: Path, *, add: set[Tag] = frozenset(), remove: set[Tag] = frozenset()):  # type: ignore[no-untyped-def,assignment]
    return Folder(path.parent).retag(path.name, add=add, remove=remove)


def test_every_format_shows_our_keywords_to_exiftool(path: Path) -> None:
    assert retag(path, add=ADDED).place == "file"
    found = tools.exiftool(path, "-XMP:all", "-IPTC:all")
    assert found["XMP-dc:Subject"][-2:] == NAMES
    assert found["XMP-lr:HierarchicalSubject"] == ["product|Aurora Shell", "size|Größe 42 🧥"]
    assert found["XMP-digiKam:TagsList"] == ["product/Aurora Shell", "size/Größe 42 🧥"]
    if path.suffix == ".jpg":
        assert found["IPTC:Keywords"][-2:] == NAMES
        assert found["IPTC:CodedCharacterSet"] == "UTF8"


def test_every_format_shows_our_keywords_to_exiv2(path: Path) -> None:
    if path.suffix == ".gif":
        pytest.skip("exiv2 reads no metadata of a GIF")
    retag(path, add=ADDED)
    assert any("Xmp.dc.subject" in line and ", ".join(NAMES) in line for line in tools.exiv2(path))
    if path.suffix == ".jpg":
        shown = [line.split(maxsplit=1)[1] for line in tools.exiv2(path, "I") if "Keywords" in line]
        assert shown[-2:] == NAMES


def test_every_format_keeps_its_pixels_to_the_byte(path: Path) -> None:
    before = path.read_bytes()
    retag(path, add=ADDED)
    after = path.read_bytes()
    assert after != before
    assert pixels(after) == pixels(before)
    assert compressed(after) == compressed(before)
    assert version_of(after) == version_of(before)


def test_every_format_stays_as_valid_as_it_was(path: Path) -> None:
    before = tools.warnings(path)
    retag(path, add=ADDED)
    assert tools.warnings(path) <= before


def test_every_format_ends_with_none_of_our_words(path: Path) -> None:
    everything = ("-XMP:all", "-IPTC:all", "-EXIF:all", "-ICC_Profile:all", "-x", "IFD0:StripOffsets")
    before = tools.exiftool(path, *everything)
    retag(path, add=ADDED)
    retag(path, add={Tag("SS26")}, remove={Tag("Aurora Shell")})
    written = retag(path, remove=ADDED | {Tag("SS26")})
    assert (written.tags, written.changed) == (frozenset(), True)
    assert tools.exiftool(path, *everything) == before
    assert b"propernoun" not in path.read_bytes()


def test_a_second_identical_retag_leaves_the_file_alone(path: Path) -> None:
    retag(path, add=ADDED)
    before, state = path.read_bytes(), path.stat()
    assert retag(path, add=ADDED, remove={Tag("SS26")}).changed is False
    assert path.read_bytes() == before
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (state.st_ino, state.st_mtime_ns)


def test_many_retags_do_not_make_a_file_grow_for_ever(path: Path) -> None:
    for number in range(30):
        retag(path, add={Tag(f"season {number:02}")}, remove={Tag(f"season {number - 1:02}")})
    assert len(path.read_bytes()) < len(FILES[path.name]) + 14_000


def test_what_others_wrote_survives_in_meaning(tmp_path: Path) -> None:
    path = tmp_path / "dressed.jpg"
    path.write_bytes(FILES["dressed.jpg"])
    everything = ("-XMP:all", "-EXIF:all", "-JFIF:all", "-File:Comment", "-ICC_Profile:all")
    before = tools.exiftool(path, *everything)
    retag(path, add=ADDED)
    after = tools.exiftool(path, *everything)
    assert after["XMP-a:Note"] == 'one\ntwo\t"three" <four>'
    assert after["XMP-dc:Subject"] == ["holiday", "café", *NAMES]
    ours = {name for name in after if "-pn:" in name or "-lr:" in name or "-digiKam:" in name} | {"XMP-dc:Subject"}
    assert {k: v for k, v in after.items() if k not in ours} == {k: v for k, v in before.items() if k not in ours}
    assert b"<!-- mine -->" in path.read_bytes()


def test_the_second_picture_of_a_phone_is_still_found(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    path.write_bytes(FILES["phone.jpg"])
    before = tools.exiftool(path, "-MPImage2", "-b")
    for step in ({Tag("Aurora")}, {Tag("x" * 200, group="y" * 200)}):
        retag(path, add=step)
        assert tools.exiftool(path, "-MPImage2", "-b") == before
        with Image.open(path) as picture:
            assert picture.n_frames == 2  # type: ignore[attr-defined]


def test_xmp_is_put_ahead_of_the_index_of_a_phone(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    path.write_bytes(FILES["phone.jpg"])
    retag(path, add=ADDED)
    data = path.read_bytes()
    assert data.index(jpeg.XMP) < data.index(jpeg.MPF)


def test_iptc_keywords_are_cut_at_64_bytes_but_never_through_a_letter(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    long = "ä" * 40
    retag(path, add={Tag(long), Tag("b" + long)})
    assert sorted(tools.words(path, "IPTC:Keywords")) == ["b" + "ä" * 31, "ä" * 32]
    assert sorted(tools.words(path)) == ["b" + long, long]
    retag(path, remove={Tag(long)})
    assert tools.words(path, "IPTC:Keywords") == ["b" + "ä" * 31]


def test_two_long_tags_with_one_beginning_share_their_iptc_keyword(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    one, other = "a" * 70 + "1", "a" * 70 + "2"
    retag(path, add={Tag(one), Tag(other)})
    assert tools.words(path, "IPTC:Keywords") == ["a" * 64]
    retag(path, remove={Tag(one)})
    assert tools.words(path, "IPTC:Keywords") == ["a" * 64]
    retag(path, remove={Tag(other)})
    assert tools.words(path, "IPTC:Keywords") == []


def test_keywords_that_were_only_in_iptc_are_not_hidden_by_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    tools.edit(path, "-IPTC:Keywords=old", "-IPTC:Keywords=Aurora Shell", "-IPTC:City=Bern", "-codedcharacterset=utf8")
    assert retag(path, add=ADDED).tags == {"Größe 42 🧥"}
    assert tools.words(path) == ["old", "Aurora Shell", "Größe 42 🧥"]
    assert tools.words(path, "IPTC:Keywords") == ["old", "Aurora Shell", "Größe 42 🧥"]
    retag(path, remove=ADDED)
    assert tools.words(path) == []
    assert tools.words(path, "IPTC:Keywords") == ["old", "Aurora Shell"]
    assert tools.words(path, "IPTC:City") == ["Bern"]


def test_keywords_that_were_only_in_xmp_reach_iptc_with_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    tools.edit(path, "-XMP-dc:Subject=old")
    retag(path, add=ADDED)
    assert tools.words(path, "IPTC:Keywords") == ["old", *NAMES]
    retag(path, remove=ADDED)
    assert tools.words(path, "IPTC:Keywords") == []
    assert tools.words(path) == ["old"]


def test_iptc_in_an_old_encoding_is_left_alone_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    tools.edit(path, "-charset", "iptc=latin", "-IPTC:Keywords=Zürich", "-IPTC:City=Zürich")
    assert b"Z\xfcrich" in path.read_bytes()
    written = retag(path, add=ADDED)
    assert "another encoding" in written.place
    assert tools.words(path, "IPTC:Keywords") == ["Zürich"]
    assert set(NAMES) <= set(tools.words(path))


def test_other_photoshop_resources_survive_and_the_digest_follows(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    tools.edit(path, "-Photoshop:XResolution=300", "-IPTC:Keywords=old", "-Photoshop:IPTCDigest=new")
    before = tools.exiftool(path, "-Photoshop:XResolution")
    retag(path, add=ADDED)
    found = tools.exiftool(path, "-Photoshop:IPTCDigest", "-CurrentIPTCDigest")
    assert found["Photoshop:IPTCDigest"] == found["File:CurrentIPTCDigest"]
    assert tools.exiftool(path, "-Photoshop:XResolution") == before


def test_a_tag_that_moves_to_another_group_moves_in_the_trees(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    retag(path, add={Tag("Aurora", group="product")})
    assert retag(path, add={Tag("Aurora", group="style")}).changed
    assert tools.words(path, "XMP-lr:HierarchicalSubject") == ["style|Aurora"]
    assert tools.words(path, "XMP-digiKam:TagsList") == ["style/Aurora"]
    assert not retag(path, add={Tag("Aurora", group="style")}).changed


def test_a_tree_that_a_person_tidied_is_not_put_back(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    retag(path, add={Tag("Aurora")})
    tools.edit(path, "-XMP-lr:HierarchicalSubject=shop|jackets|Aurora")
    assert not retag(path, add={Tag("Aurora")}).changed
    retag(path, remove={Tag("Aurora")})
    assert tools.words(path, "XMP-lr:HierarchicalSubject") == ["shop|jackets|Aurora"]


def test_a_word_that_a_person_wrote_gets_no_tree_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    tools.edit(path, "-XMP-dc:Subject=Aurora")
    assert retag(path, add={Tag("Aurora"), Tag("AURORA")}).tags == {"AURORA"}
    assert tools.words(path, "XMP-lr:HierarchicalSubject") == ["product|AURORA"]


def test_bars_in_a_name_do_not_make_steps_of_a_tree(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    tag = Tag("S/M | 38/40", group="size")
    retag(path, add={tag})
    assert tools.words(path, "XMP-digiKam:TagsList") == ["size/S-M | 38-40"]
    assert tools.words(path, "XMP-lr:HierarchicalSubject") == ["size|S/M - 38/40"]
    retag(path, remove={tag})
    assert tools.exiftool(path, "-XMP:all").keys() == {"SourceFile"}


def test_accents_composed_or_not_are_one_keyword(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    tools.edit(path, "-XMP-dc:Subject=Cafe\u0301")
    written = retag(path, add={Tag("Caf\u00e9")})
    assert (written.tags, written.changed) == (frozenset(), False)


def test_a_photo_with_extended_xmp_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["plain.jpg"])
    tools.edit(path, "-XMP-xmp:Label=" + "far away " * 9000, "-XMP-dc:Title=here")
    assert jpeg.EXTENDED in path.read_bytes()
    before = tools.exiftool(path, "-XMP-xmp:Label")
    assert retag(path, add=ADDED).place == "file"
    assert tools.words(path) == NAMES
    assert tools.exiftool(path, "-XMP-xmp:Label") == before


def test_a_picture_named_as_another_format_is_written_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "really-a-png.jpg"
    path.write_bytes(FILES["plain.png"])
    assert retag(path, add=ADDED).place == "file"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert tools.words(path) == NAMES


def test_pixels_that_change_make_another_version_in_every_format(path: Path) -> None:
    data = bytearray(path.read_bytes())
    before = compressed(bytes(data))
    longest = max(before, key=len)
    where = bytes(data).index(longest) + len(longest) // 2
    data[where] ^= 0x01
    assert version_of(bytes(data)) != version_of(path.read_bytes())


def test_versions_are_fixed_for_ever() -> None:
    picture = b"\xff\xd8\xff\xe0\x00\x04hi\xff\xda\x00\x02data\xff\xd9"
    assert version_of(picture) == hashlib.blake2b(picture[2:], digest_size=16).hexdigest()
