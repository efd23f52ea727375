"""Files that are cut, garbled or not what they are called: an error of ours, a sidecar, or the picture as it was."""

from __future__ import annotations

import io
import random
import struct
import tempfile
from pathlib import Path

import pytest
from PIL import Image

from connector_core.types import Asset, Tag
from model_service.errors import TaggingError
from plugins.folder.connector import Folder
from plugins.folder.version import version_of
from tests.plugins.test_folder_formats import FILES, retag

ROUNDS = 15
ACCIDENTS = (
    Image.DecompressionBombError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    ArithmeticError,
    TypeError,
    struct.error,
)
"""how Pillow says that it cannot read a file"""


def garbled(data: bytes, chance: random.Random) -> bytes:
    """The file after an accident."""
    out = bytearray(data)
    kind = chance.randrange(5)
    if kind == 0:
        return bytes(out[: chance.randrange(len(out))])
    if kind == 1:
        for _ in range(chance.randrange(1, 20)):
            # Where the structure is, near the beginning and the end, an accident tells most.
            where = chance.choice([chance.randrange(min(200, len(out))), chance.randrange(len(out))])
            out[where] = chance.randrange(256)
        return bytes(out)
    if kind == 2:
        start = chance.randrange(len(out))
        del out[start : start + chance.randrange(1, 50)]
        return bytes(out)
    if kind == 3:
        where = chance.randrange(min(400, len(out) - 4))
        out[where : where + 4] = chance.choice([b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"])
        return bytes(out)
    return bytes(out) + chance.randbytes(chance.randrange(100))


def decoded(data: bytes) -> bytes | None:
    """The first frame, None where Pillow cannot read it."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return picture.convert("RGBA").tobytes()
    except ACCIDENTS:
        return None


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("is_tagged", [False, True], ids=["as it was", "with our words"])
def test_an_accident_ends_in_a_sentence_a_sidecar_or_the_same_picture(
    tmp_path: Path, name: str, is_tagged: bool, recwarn: pytest.WarningsRecorder
) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    if is_tagged:
        retag(tmp_path / name, add={Tag("Aurora")})
    whole = (tmp_path / name).read_bytes()
    for round in range(ROUNDS):
        data = garbled(whole, random.Random(f"{name} {is_tagged} {round}"))
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / name
            path.write_bytes(data)
            folder = Folder(Path(place))
            try:
                written = folder.retag(name, add={Tag("SS26")}, remove={Tag("Aurora")})
            except TaggingError:
                assert path.read_bytes() == data
                continue
            after = path.read_bytes()
            if written.place.startswith("sidecar"):
                assert after == data
            else:
                assert version_of(after) == version_of(data)
                assert decoded(after) == decoded(data)
                assert not folder.retag(name, add={Tag("SS26")}, remove={Tag("Aurora")}).changed
            assert name in folder.edits([Asset(name, "", name)])
    recwarn.clear()


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "gif", "heic", "mp4"])
def test_every_format_under_every_name(tmp_path: Path, suffix: str) -> None:
    for name, data in FILES.items():
        path = tmp_path / f"{name}.{suffix}"
        path.write_bytes(data)
        assert retag(path, add={Tag("Aurora")}).place == "file"
        assert decoded(path.read_bytes()) == decoded(data)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"\xff\xd8\xff", b"GIF89a", b"II*\x00", b"RIFF\xff\xff\xff\xffWEBP", b"x" * 9]
)
def test_stubs_of_files_get_a_sidecar(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    assert retag(path, add={Tag("Aurora")}).place.startswith("sidecar a.jpg.xmp (")
    assert path.read_bytes() == data
