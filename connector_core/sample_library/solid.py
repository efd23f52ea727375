"""Solid bodies with printed sides: a box in perspective and a standing cylinder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from connector_core.sample_library.paint import Floats, Point, area, light_of
from connector_core.sample_library.piece import Sheet


def homography(source: Sequence[Point], target: Sequence[Point]) -> tuple[float, ...]:
    """The eight numbers of Pillow's perspective transform that takes four points of ``source`` to ``target``."""
    rows, known = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        known += [x, y]
    return tuple(float(n) for n in np.linalg.solve(np.asarray(rows, dtype=np.float64), np.asarray(known)))


def box(sheet: Sheet, faces: tuple[Image.Image, Image.Image, Image.Image], size: tuple[float, float, float], *,
        yaw: float, pitch: float, gloss: float) -> Floats:  # fmt: skip
    """Put a box (wide, high, deep; in pixels) on the sheet; faces are front, side, top. Its normals come back.

    ``yaw`` and ``pitch`` in degrees: a positive yaw shows the right side, a positive pitch the top.
    """
    wide, high, deep = size
    normal = np.zeros((3, *sheet.shape), dtype=np.float32)
    normal[2] = 1
    right = 1 if yaw >= 0 else -1
    x, y, z = wide / 2, high / 2, deep / 2
    sides = {
        0: ([(-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z)], (0.0, 0.0, 1.0)),
        1: ([(x, -y, z), (x, -y, -z), (x, y, -z), (x, y, z)] if right > 0 else
            [(-x, -y, -z), (-x, -y, z), (-x, y, z), (-x, y, -z)], (float(right), 0.0, 0.0)),
        2: ([(-x, -y, -z), (x, -y, -z), (x, -y, z), (-x, -y, z)], (0.0, -1.0, 0.0)),
    }  # fmt: skip
    turned = _turn(yaw, pitch)
    for face, (corners, way) in sides.items():
        seen = turned @ np.asarray(way)
        if seen[2] < 0.03:
            continue
        quad = [_project(turned @ np.asarray(corner), sheet) for corner in corners]
        picture = faces[face]
        # Half a pixel beyond the edge is still print: the paper has no black rim.
        high_px, wide_px = picture.height - 1.5, picture.width - 1.5
        print_area = [(1.5, 1.5), (wide_px, 1.5), (wide_px, high_px), (1.5, high_px)]
        warp = homography([(float(a), float(b)) for a, b in print_area], quad)
        canvas = (sheet.shape[1], sheet.shape[0])
        shown = picture.transform(canvas, Image.Transform.PERSPECTIVE, warp, Image.Resampling.BICUBIC)
        mask = area(sheet.shape, quad)
        sheet.lay(mask, light_of(shown), gloss=gloss)
        for axis in range(3):
            normal[axis] += mask * (np.float32(seen[axis]) - normal[axis])
    return normal


def _turn(yaw: float, pitch: float) -> Floats:
    a, b = np.radians(-yaw), np.radians(pitch)
    around = np.asarray([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    over = np.asarray([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    return np.asarray(over @ around, dtype=np.float32)


def _project(corner: Floats, sheet: Sheet, far: float = 1900.0) -> Point:
    closer = far / (far - float(corner[2]))
    return sheet.shape[1] / 2 + float(corner[0]) * closer, sheet.shape[0] / 2 + float(corner[1]) * closer


def cylinder(sheet: Sheet, wrap: Image.Image, *, centre: Point, radius: float, high: float,
             tilt: float, spin: float, gloss: float) -> tuple[Floats, Floats]:  # fmt: skip
    """Stand a cylinder with a printed wrap on the sheet; its mask and its normals come back.

    ``wrap`` goes once around; ``spin`` (0..1) says which part of it faces the camera, ``tilt`` is the
    half height of the end ellipses as a share of the radius.
    """
    y, x = np.mgrid[: sheet.shape[0], : sheet.shape[1]].astype(np.float32)
    aside = np.clip((x - centre[0]) / radius, -1, 1)
    lift = np.sqrt(np.clip(1 - np.square(aside), 0, 1)) * np.float32(tilt * radius)
    down = (y - (centre[1] - high / 2) - lift) / high
    edge = np.clip((radius - np.abs(x - centre[0])) + 0.5, 0, 1)
    mask = edge * np.clip(down * high + 0.5, 0, 1) * np.clip((1 - down) * high + 0.5, 0, 1)
    around = (np.arcsin(aside) / (2 * np.pi) + spin) % 1.0
    sheet.lay(mask.astype(np.float32), _lookup(wrap, around, down), gloss=gloss)
    normal = np.stack([aside, np.zeros_like(aside), np.sqrt(np.clip(1 - np.square(aside), 0.0025, 1))])
    return mask.astype(np.float32), normal.astype(np.float32)


def _lookup(wrap: Image.Image, around: Floats, down: Floats) -> Floats:
    """The wrap's light at these places, mixed from the four nearest points."""
    table = light_of(wrap)
    high, wide = table.shape[:2]
    u, v = around * wide, np.clip(down, 0, 1) * (high - 1)
    left, top = np.floor(u).astype(np.intp), np.floor(v).astype(np.intp)
    across, below = (u - left)[..., None].astype(np.float32), (v - top)[..., None].astype(np.float32)
    left, right, bottom = left % wide, (left + 1) % wide, np.minimum(top + 1, high - 1)
    upper = table[top, left] * (1 - across) + table[top, right] * across
    lower = table[bottom, left] * (1 - across) + table[bottom, right] * across
    return np.asarray(upper * (1 - below) + lower * below, dtype=np.float32)
