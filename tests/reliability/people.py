"""What people do in the shop's Dropbox while we work there; whenever they do it, the end is the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.reliability.library import GREY, photo, picture
from tests.twins.dropbox.twin import Twin


def place(number: int) -> str:
    """Where the photo of this number lies at first: every fifth in a folder of its own."""
    return f"/Shop/{'Summer' if number % 5 == 0 else 'All'}/{number:02}.png"


GREY_ONE = "/Shop/grey.png"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person does once it makes sense."""

    what: Callable[[Twin], object]
    when: Callable[[Twin], bool] = lambda twin: True


def shows(path: str, *tags: str) -> Callable[[Twin], bool]:
    """Whether the photo is there and shows one of these tags."""
    return lambda twin: twin.tree.at(path) is not None and bool(twin.tags(path) & set(tags))


def _correct(twin: Twin) -> None:
    twin.untag(place(3), "storm_blue")
    twin.tag(place(3), "ember_red")


def _replace(twin: Twin) -> None:
    twin.delete(GREY_ONE)
    twin.put(GREY_ONE, picture((20, 140, 40), 4713))


ACTS: dict[str, Act] = {
    "upload": Act(lambda twin: twin.put("/Shop/late.png", picture((30, 60, 200), 4711))),
    "delete": Act(lambda twin: twin.delete(place(1))),
    "move": Act(lambda twin: twin.move(place(2), "/Elsewhere/moved.png")),
    "rename folder": Act(lambda twin: twin.move("/Shop/Summer", "/Shop/SS26")),
    "overwrite": Act(lambda twin: twin.put(place(4), picture((210, 40, 30), 4712))),
    "replace": Act(_replace),
    "word": Act(lambda twin: twin.tag(place(3), "keep_me")),
    "season": Act(lambda twin: twin.tag("/Shop/All/06.png", "ss26")),
    "no": Act(lambda twin: twin.untag("/Shop/All/07.png", "moss_green"), shows("/Shop/All/07.png", "moss_green")),
    "correct": Act(_correct, shows(place(3), "storm_blue")),
}
"""by name"""
STORIES: tuple[tuple[str, ...], ...] = (
    (),
    ("upload", "word", "season"),
    ("overwrite", "replace", "move"),
    ("delete", "rename folder", "move", "upload"),
    ("no", "correct", "word", "season"),
    tuple(ACTS),
)
"""what people do in one run"""


def library(count: int) -> list[tuple[str, bytes]]:
    """So many photos, and a grey one that no tag is for."""
    return [*((place(number), photo(number)) for number in range(count)), (GREY_ONE, picture(GREY, 7))]
