"""Any order of our retags and people's edits keeps what people wrote, and equals sets of words."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from PIL import Image

from connector_core.types import Asset, Tag
from plugins.folder.connector import Folder
from plugins.folder.formats import Inside, Reader, jpeg
from plugins.folder.iptc import Iptc, cut
from plugins.folder.properties import Properties, key

WORDS = ["Aurora", "SS26", "Größe", "夏", "a|b/c", "& <tag>", "ö" * 40, "ö" * 40 + "2", "holiday"]
GROUPS = ["product", "style", "season|a"]
words = st.sampled_from(WORDS)
tags = st.frozensets(st.builds(Tag, words, st.sampled_from(GROUPS)), max_size=4)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=80
)
plain = texts.filter(lambda text: text.strip() == text and bool(key(text)))


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 60)).save(out, "JPEG")
    return out.getvalue()


PICTURE = picture()


class Person:
    """Somebody whose program, like Lightroom or digiKam, keeps XMP and IPTC alike."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Properties, Iptc]:
        inside = jpeg.Jpeg().read(Reader(io.BytesIO(self.path.read_bytes())))
        return Properties(inside.xmp), Iptc(inside.iptc)

    def write(self, *, add: str = "", discard: str = "") -> None:
        xmp, iptc = self.read()
        if add and add not in xmp.words("dc:subject"):
            xmp.add("dc:subject", [add])
            iptc.add([] if cut(add) in iptc.words else [cut(add)])
        if discard:
            xmp.discard("dc:subject", [discard])
            if not any(cut(word) == cut(discard) for word in xmp.words("dc:subject")):
                iptc.discard([cut(discard)])
        packet = None if xmp.is_empty else xmp.data()
        self.path.write_bytes(jpeg.Jpeg().write(self.path.read_bytes(), Inside(packet, iptc.data())))


class Keywords(RuleBasedStateMachine):
    """The model is two sets: what people wrote, and what is shown because of us."""

    @initialize()
    def begin(self) -> None:
        self.place = tempfile.TemporaryDirectory()
        self.path = Path(self.place.name) / "a.jpg"
        self.path.write_bytes(PICTURE)
        self.folder = Folder(self.path.parent)
        self.person = Person(self.path)
        self.people: set[str] = set()
        self.ours: set[str] = set()

    @rule(add=tags, remove=tags)
    def retag(self, add: frozenset[Tag], remove: frozenset[Tag]) -> None:
        remove = frozenset(tag for tag in remove if tag.name not in {other.name for other in add})
        written = self.folder.retag("a.jpg", add=add, remove=remove)
        self.ours |= {tag.name for tag in add} - self.people
        self.ours -= {tag.name for tag in remove}
        assert written.tags == self.ours
        assert written.place == "file"
        before = self.path.read_bytes()
        assert not self.folder.retag("a.jpg", add=add, remove=remove).changed
        assert self.path.read_bytes() == before

    @rule(word=words)
    def person_adds(self, word: str) -> None:
        self.person.write(add=word)
        if word not in self.ours:
            self.people.add(word)

    @rule(word=words)
    def person_removes(self, word: str) -> None:
        was_ours = word in self.ours
        self.person.write(discard=word)
        self.people.discard(word)
        self.ours.discard(word)
        if was_ours:
            assert word in self.folder.edits([Asset("a.jpg", "", "a.jpg")])["a.jpg"].removed

    @rule()
    def remove_everything(self) -> None:
        self.folder.retag("a.jpg", add=set(), remove={Tag(word) for word in WORDS})
        self.ours = set()

    @invariant()
    def the_file_shows_exactly_both(self) -> None:
        xmp, iptc = self.person.read()
        shown = xmp.words("dc:subject")
        assert sorted(shown) == sorted(self.people | self.ours)
        assert {cut(word) for word in self.ours} <= set(iptc.words)
        if self.path.read_bytes().count(b"propernoun.dev") == 0:
            assert self.ours == set()

    @invariant()
    def without_anybodys_words_nothing_is_left(self) -> None:
        xmp, iptc = self.person.read()
        if not self.people and not self.ours and not xmp.words("pn:tags"):
            assert xmp.is_empty
            assert iptc.data() is None

    def teardown(self) -> None:
        with Image.open(self.path) as decoded, Image.open(io.BytesIO(PICTURE)) as before:
            assert decoded.tobytes() == before.tobytes()
        self.place.cleanup()


TestKeywords = Keywords.TestCase
TestKeywords.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@settings(max_examples=40, deadline=None)
@given(plain, plain)
def test_any_word_that_is_allowed_comes_back_as_it_was(word: str, group: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "a.jpg"
        path.write_bytes(PICTURE)
        folder = Folder(Path(place))
        assert folder.retag("a.jpg", add={Tag(word, group)}, remove=set()).tags == {word}
        assert Person(path).read()[0].words("dc:subject") == [word]
        folder.retag("a.jpg", add=set(), remove={Tag(word, group)})
        assert Person(path).read()[0].is_empty
