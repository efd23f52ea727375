"""Dense local descriptors: what a picture's colours and edges look like around every fourth pixel.

Everything is made of cells of 4 x 4 pixels. A patch is a grid of 4 x 4 squares of 1, 2 or 3 cells a side, so patches
are 16, 32 and 48 pixels wide; one lies on every cell.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_service.types import Picture

Map = NDArray[np.float32]
"""(height, width, channels)"""

CELL = 4
GRID = 4
SCALES = (1, 2, 3)
"""cells to a side of a patch's squares"""
AREA = 160
"""pictures are brought to the area of a square of this side, their shape kept"""
SHORTEST = CELL * GRID * SCALES[-1]
"""pixels: room for one patch of the largest scale"""

_TURNS = np.arange(4) * (np.pi / 4)
_COS = np.cos(_TURNS).astype(np.float32)
_SIN = np.sin(_TURNS).astype(np.float32)

_OPPONENT = np.array([[1 / 3, 1 / 3, 1 / 3], [0.5, -0.5, 0], [0.25, 0.25, -0.5]], np.float32).T
_LIGHT = np.array([[0.299], [0.587], [0.114]], np.float32)
_FAINT = 0.1
"""edges weaker than this are damped rather than brought to full length"""


def prepare(picture: Picture) -> Map:
    """The picture at the working size, values in [0, 1]; both sides are whole numbers of cells."""
    height, width = picture.shape[:2]
    scale = AREA / (height * width) ** 0.5
    size = tuple(max(SHORTEST, round(side * scale / CELL) * CELL) for side in (width, height))
    image = Image.fromarray(np.ascontiguousarray(picture))
    small = image.resize((size[0], size[1]), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def opponent(pixels: Map) -> Map:
    """Lightness in [0, 1], red against green and yellow against blue, both in [-0.5, 0.5]."""
    return pixels @ _OPPONENT


def local_colour(pixels: Map) -> tuple[Map, Map]:
    """Patches (n, 96): mean and deviation of the opponent colours in each square; and their places (n, 2)."""
    colours = opponent(pixels)
    found, places = _patches(means(np.concatenate([colours, colours * colours], axis=2), CELL))
    squares = found.reshape(len(found), GRID * GRID, 6)
    mean = squares[:, :, :3]
    deviation = np.sqrt(np.maximum(squares[:, :, 3:] - mean * mean, 0) + np.float32(1e-5))
    return np.concatenate([mean.reshape(len(found), -1), deviation.reshape(len(found), -1)], axis=1), places


def edges(pixels: Map) -> tuple[Map, Map]:
    """Patches (n, 128): directions of lightness edges in each square, as RootSIFT; and their places (n, 2)."""
    return _edge_patches(np.sqrt(pixels @ _LIGHT + np.float32(0.01)))


def colour_edges(pixels: Map) -> tuple[Map, Map]:
    """Patches (n, 256): directions of the edges of both opponent colours; and their places (n, 2)."""
    return _edge_patches(opponent(np.sqrt(pixels + np.float32(0.01)))[:, :, 1:])


def means(channels: Map, side: int) -> Map:
    """Means over squares of so many pixels; both sides of the map must be multiples of it."""
    # Sums of slices are several times as fast as the mean over a reshaped view.
    rows = sum((channels[at::side] for at in range(1, side)), start=channels[::side])
    both = sum((rows[:, at::side] for at in range(1, side)), start=rows[:, ::side])
    mean: Map = both / np.float32(side * side)
    return mean


def _edge_patches(channels: Map) -> tuple[Map, Map]:
    turned = [_directions(channels[:, :, at]) for at in range(channels.shape[2])]
    found, places = _patches(means(np.concatenate(turned, axis=2), CELL))
    # Root of shares (Arandjelovic and Zisserman 2012): Euclidean distance then compares like Hellinger's.
    return np.sqrt(found / (found.sum(axis=1, keepdims=True) + np.float32(_FAINT))), places


def _directions(channel: Map) -> Map:
    """The strength of the gradient, shared among eight directions by the fourth power of the cosine."""
    across = np.zeros_like(channel)
    down = np.zeros_like(channel)
    across[:, 1:-1] = channel[:, 2:] - channel[:, :-2]
    down[1:-1] = channel[2:] - channel[:-2]
    strength = np.sqrt(across * across + down * down) + np.float32(1e-6)
    along = across[:, :, None] * _COS + down[:, :, None] * _SIN
    power = along * along
    power *= power
    power /= (strength**3)[:, :, None]
    forward = power * (along > 0)
    return np.concatenate([forward, power - forward], axis=2)


def _patches(cells: Map) -> tuple[Map, Map]:
    """All patches of all scales, square after square, and their centres as fractions of the picture from its middle."""
    found, places = [], []
    for scale in SCALES:
        squares = _squares(cells, scale)
        high = squares.shape[0] - scale * (GRID - 1)
        wide = squares.shape[1] - scale * (GRID - 1)
        corners = [(scale * row, scale * column) for row in range(GRID) for column in range(GRID)]
        patch = np.concatenate([squares[y : y + high, x : x + wide] for y, x in corners], axis=2)
        found.append(patch.reshape(-1, patch.shape[2]))
        down = (np.arange(high) + scale * GRID / 2) / cells.shape[0] - 0.5
        across = (np.arange(wide) + scale * GRID / 2) / cells.shape[1] - 0.5
        grid = np.stack(np.broadcast_arrays(down[:, None], across[None, :]), axis=2)
        places.append(grid.reshape(-1, 2).astype(np.float32))
    return np.concatenate(found), np.concatenate(places)


def _squares(cells: Map, side: int) -> Map:
    """Means of ``side`` x ``side`` cells, at every cell where they fit."""
    high, wide = cells.shape[0] - side + 1, cells.shape[1] - side + 1
    rows = sum((cells[at : at + high] for at in range(1, side)), start=cells[:high])
    both = sum((rows[:, at : at + wide] for at in range(1, side)), start=rows[:, :wide])
    squares: Map = both / np.float32(side * side)
    return squares
