"""How Dropbox writes names: whatever a name is, its tag is one that Dropbox takes, and stays what it is."""

from __future__ import annotations

import pytest
from dropbox import files
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plugins.dropbox.spelling import LONGEST, spell

NAMES = st.text(min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Aurora Shell", "aurora_shell"),
        ("SS26", "ss26"),
        ("  Storm - Blue ", "storm_blue"),
        ("Größe 42", "größe_42"),
        ("cafe\u0301", "café"),
        ("ﬁne ①", "fine_1"),
        ("夏の上着", "夏の上着"),
        ("ЙТИ", "йти"),
        ("already_a_tag", "already_a_tag"),
        ("50 % off", "50_off_885bf6"),
    ],
)
def test_names_that_people_use(name: str, tag: str) -> None:
    assert spell(name) == tag


@settings(deadline=None)
@given(NAMES)
@example("İstanbul")
@example("ΑΣ")
@example("\U0001d400 ｶﾞ")
@example("ß" * 33)
@example("\ud800")
def test_every_name_becomes_a_tag_that_dropbox_takes(name: str) -> None:
    tag = spell(name)
    assert files.AddTagArg(path="/a.jpg", tag_text=tag).tag_text == tag
    assert tag == tag.lower(), "Dropbox makes small letters of it"


@settings(deadline=None)
@given(NAMES)
def test_a_tag_is_spelled_as_it_is(name: str) -> None:
    assert spell(spell(name)) == spell(name)


@settings(deadline=None)
@given(NAMES, NAMES)
def test_names_share_a_tag_only_where_they_differ_in_blanks_hyphens_and_case(one: str, other: str) -> None:
    if spell(one) == spell(other):
        assert _plain(one) == _plain(other)


@settings(deadline=None)
@given(st.text("ab ", min_size=LONGEST + 1, max_size=60), st.text("ab ", min_size=LONGEST + 1, max_size=60))
def test_long_names_that_begin_alike_are_two(one: str, other: str) -> None:
    long, longer = "x" * LONGEST + one, "x" * LONGEST + other
    assert (spell(long) == spell(longer)) == (long == longer)


def _plain(name: str) -> str:
    """The letters of a name as they come to rest, and every sign that no tag can have."""
    from plugins.dropbox.spelling import _small

    return "".join(_small(name).replace("-", " ").replace("_", " ").split())
