"""How a cluttered scene is cut into regions."""

from __future__ import annotations

import numpy as np
import pytest

from model_service.errors import Misconfigured
from model_service.features.regions import MOST, boxes, tiles
from model_service.types import WHOLE

GRIDS = range(2, MOST + 1)


def test_without_a_grid_there_is_only_the_whole_picture() -> None:
    picture = np.zeros((30, 40, 3), np.uint8)
    [(box, pixels)] = tiles(picture)
    assert box == WHOLE and pixels.shape == picture.shape


@pytest.mark.parametrize("grid", GRIDS)
def test_the_whole_picture_comes_first_and_the_tiles_row_by_row(grid: int) -> None:
    whole, *rest = boxes(grid)
    assert whole == WHOLE and len(rest) == grid * grid
    assert [(box.y, box.x) for box in rest] == sorted((box.y, box.x) for box in rest)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("size", [(480, 640), (641, 427), (32, 640), (8, 9)])
def test_the_tiles_cover_every_pixel_and_reach_every_edge(grid: int, size: tuple[int, int]) -> None:
    picture = np.zeros((*size, 3), np.uint8)
    for _, pixels in tiles(picture, grid)[1:]:
        assert pixels.size
        pixels += 1
    assert picture.min() >= 1


@pytest.mark.parametrize("grid", GRIDS)
def test_what_is_less_than_0_4_tiles_wide_lies_whole_in_one_of_them(grid: int) -> None:
    side = boxes(grid)[1].width
    starts = sorted({box.x for box in boxes(grid)[1:]})
    for left in np.linspace(0, 1 - 0.4 * side, 200):
        assert any(start <= left + 1e-9 and left + 0.4 * side <= start + side + 1e-9 for start in starts)


def test_tiles_are_views_and_boxes_name_exactly_their_pixels() -> None:
    picture = np.arange(480 * 640 * 3, dtype=np.uint32).reshape(480, 640, 3).astype(np.uint8)
    for box, pixels in tiles(picture, 2):
        assert np.shares_memory(pixels, picture)
        top, left = round(box.y * 480), round(box.x * 640)
        assert pixels.shape[:2] == (round(box.height * 480), round(box.width * 640))
        assert (pixels == picture[top : top + pixels.shape[0], left : left + pixels.shape[1]]).all()


@pytest.mark.parametrize("grid", [-1, 1, MOST + 1])
def test_a_grid_that_makes_no_sense_is_refused_with_what_to_write_instead(grid: int) -> None:
    with pytest.raises(Misconfigured, match="0 looks at whole pictures, 2 to 6"):
        boxes(grid)
