"""Views are made of photos, of two at once, and with things pasted on them; the same chance gives the same view."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from PIL import Image

from teaching.views import SIDE, rich, view

PHOTO = Image.fromarray(default_rng(0).integers(0, 256, (90, 120, 3), np.uint8))
THING = Image.new("RGBA", (SIDE, SIDE), (250, 0, 0, 255))


def white(chance: Generator) -> Image.Image:
    return Image.new("RGB", (60, 60), "white")


def test_the_whole_picture_is_only_resized() -> None:
    seen = view(PHOTO, default_rng(1), whole=True)
    assert np.array_equal(np.asarray(seen), np.asarray(PHOTO.resize((SIDE, SIDE), Image.Resampling.BILINEAR)))


def test_the_same_chance_gives_the_same_view_and_another_one_another() -> None:
    one, again, other = (np.asarray(rich(PHOTO, white, [THING], default_rng(seed))) for seed in (5, 5, 6))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("things", [[], [THING]])
def test_every_kind_of_view_has_the_size_that_teachers_look_at(things: list[Image.Image]) -> None:
    for seed in range(40):
        seen = rich(PHOTO, white, things, default_rng(seed))
        assert (seen.mode, seen.size) == ("RGB", (SIDE, SIDE))
