"""The things that carry a printed logo: a mug, a cap, a banner and a shirt."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.random import Generator
from PIL import Image

from connector_core.sample_library.paint import (
    Floats,
    Point,
    Shape,
    area,
    curve,
    dashes,
    ellipse,
    linear,
    noise,
    picture_of,
    stroke,
)
from connector_core.sample_library.piece import Piece, Sheet, folds, pillow
from connector_core.sample_library.solid import cylinder, homography


def mug(mark: Image.Image, glaze: Floats, rng: Generator) -> Piece:
    """A stoneware mug with the logo towards the camera."""
    shape = (500, 560)
    sheet = Sheet(shape)
    radius, tilt = 160.0, float(rng.uniform(0.10, 0.30))
    side = float(rng.choice([-1, 1]))
    middle = (280 - side * 46, 262.0)
    grip = curve(
        [(middle[0] + side * x, y) for x, y in ((140, 170), (226, 178), (238, 268), (206, 342), (138, 352))],
        closed=False,
    )
    handle = stroke(shape, grip, width=34)
    sheet.lay(handle, glaze, height=pillow(handle, 22), gloss=0.5)
    bottom = ellipse(shape, (middle[0], middle[1] + 165 + radius * tilt * 0.0), (radius, radius * tilt))
    sheet.lay(bottom, glaze, gloss=0.4)
    handled = sheet.piece().normal
    wrap = picture_of(np.broadcast_to(glaze, (330, 1005, 3)).astype(np.float32))
    logo = mark.resize((270, 270), Image.Resampling.LANCZOS)
    wrap.paste(logo, (368, 34), logo)
    spin = 0.5 + float(rng.uniform(-0.07, 0.07))
    body, normal = cylinder(sheet, wrap, centre=middle, radius=radius, high=330, tilt=tilt, spin=spin, gloss=0.5)
    top = (middle[0], middle[1] - 165)
    sheet.lay(ellipse(shape, top, (radius, radius * tilt)), np.clip(glaze * 1.15 + 0.03, 0, 1), gloss=0.6)
    inside = ellipse(shape, top, (radius - 9, radius * tilt - 5))
    sheet.lay(inside, linear("#e6e1d6") * 0.55, gloss=0.1)
    coffee = ellipse(shape, (top[0], top[1] + 16), (radius - 22, max(3.0, radius * tilt - 16)))
    sheet.lay(coffee * inside, linear("#3a2415"), gloss=0.3)
    solid = np.clip(body + inside, 0, 1)
    normal = handled * (1 - solid) + normal * solid
    normal[0] *= 1 - inside
    opened = np.ones(shape, dtype=np.float32)
    return dataclasses.replace(sheet.piece(), normal=normal.astype(np.float32), open=opened, standing=True)


def cap(mark: Image.Image, cloth: Floats, rng: Generator) -> Piece:
    """A cap seen from the front, its logo embroidered."""
    shape = (460, 560)
    sheet = Sheet(shape)
    sway = float(rng.uniform(-26, 26))
    wool = np.clip(cloth * (1 + 0.06 * noise(shape, 2.4, rng) + 0.05 * noise(shape, 70, rng))[..., None], 0, 1)
    crown = area(
        shape,
        curve(
            [
                (112, 300),
                (118, 180),
                (190 + sway / 2, 76),
                (280 + sway, 52),
                (370 + sway / 2, 76),
                (442, 180),
                (448, 300),
                (280, 330),
            ]
        ),
    )
    weave = noise(shape, 2.2, rng) * 0.3
    dome = pillow(crown, 74) + noise(shape, 90, rng) * 3 + weave
    sheet.lay(crown, wool, height=dome, gloss=0.03)
    for foot in (178, 382):
        seam = curve([(280 + sway, 54), ((foot * 2 + 280) / 3 + sway / 2, 140), (foot, 316)], closed=False)
        sheet.carve(stroke(shape, seam, width=3) * crown, 2.5, darken=0.3)
    sheet.lay(ellipse(shape, (280 + sway, 54), (13, 7)), cloth * 0.9, height=sheet.height + 5)
    _apply(sheet, mark, ((196, 120), (364, 120), (370, 288), (190, 288)), raised=2.2)
    brim = area(
        shape,
        curve(
            [
                (122, 306),
                (180, 288),
                (280, 282),
                (380, 288),
                (438, 306),
                (436, 346),
                (370, 384),
                (280, 394),
                (190, 384),
                (124, 346),
            ]
        ),
    )
    bent = 30 - np.abs(np.arange(shape[1]) - 280)[None, :] / 9.0
    sheet.lay(brim, wool * 0.95, height=pillow(brim, 20) + bent.astype(np.float32) + 22 + weave, gloss=0.03)
    for inset in (10, 24, 38):
        line = curve(
            [
                (128 + inset, 334),
                (190 + inset / 2, 376 - inset),
                (280, 388 - inset),
                (370 - inset / 2, 376 - inset),
                (432 - inset, 334),
            ],
            closed=False,
        )
        sheet.carve(stroke(shape, *dashes(line, 4, 2), width=1.6) * brim, 1.2, darken=0.25)
    return sheet.piece()


def banner(mark: Image.Image, cloth: Floats, rng: Generator) -> Piece:
    """A vinyl banner with eyelets that hangs in waves."""
    shape = (340, 640)
    sheet = Sheet(shape)
    sag = float(rng.uniform(0, 14))
    outline = curve([(14, 20), (170, 20 + sag), (320, 22 + sag), (470, 20 + sag), (626, 20)], closed=False) + curve(
        [(626, 318), (470, 322 + sag), (320, 324 + sag), (170, 322 + sag), (14, 318)], closed=False
    )
    body = area(shape, outline)
    waves = (
        folds(shape, rng, angle=float(rng.uniform(-24, 24)), wide=90, long=420) * 5 + noise(shape, (130, 400), rng) * 12
    )
    sheet.lay(body, np.broadcast_to(cloth, (*shape, 3)), height=waves, gloss=0.22)
    _apply(sheet, mark, ((90, 76), (556, 76 + sag), (556, 246 + sag), (90, 246)))
    for x in (34, 180, 320, 460, 606):
        for y in (38 + sag * (0 if x in (34, 606) else 1), 302 + sag * 0.5):
            sheet.lay(ellipse(shape, (x, y), (10, 10)), linear("#c9ccd0"), height=sheet.height + 3, gloss=0.8)
            sheet.cut(ellipse(shape, (x, y), (5, 5)))
    return sheet.piece()


def shirt(mark: Image.Image, cloth: Floats, rng: Generator) -> Piece:
    """A T-shirt laid flat with the logo across the chest."""
    shape = (560, 560)
    sheet = Sheet(shape)
    droop = float(rng.uniform(0, 44))
    cotton = np.clip(cloth * (1 + 0.03 * noise(shape, 60, rng) + 0.04 * noise(shape, 2.2, rng))[..., None], 0, 1)
    for side in (-1, 1):
        arm = [
            (280 + side * x, y) for x, y in ((70, 60), (148, 80), (262, 196 + droop), (194, 250 + droop), (120, 190))
        ]
        mask = area(shape, arm)
        sheet.lay(mask, cotton, height=pillow(mask, 12) + folds(shape, rng, angle=side * 50, wide=40, long=130) * 2)
        hem = [(280 + side * 262, 194 + droop), (280 + side * 194, 250 + droop)]
        sheet.carve(
            stroke(shape, [(hem[0][0] - side * 8, hem[0][1] - 8), (hem[1][0] - side * 8, hem[1][1] - 8)], width=2)
            * mask,
            1.5,
            darken=0.3,
        )
    body = area(shape, [*curve([(214, 56), (128, 78), (122, 140), (128, 300), (122, 522)], closed=False),
                        *curve([(126, 534), (280, 542), (434, 534)], closed=False),
                        *curve([(438, 522), (432, 300), (438, 140), (432, 78), (346, 56), (310, 88), (280, 96),
                            (250, 88), (214, 56)], closed=False)])  # fmt: skip
    drape = folds(shape, rng, angle=float(rng.uniform(-50, 50)), wide=50, long=190) * 2.8 + noise(shape, 90, rng) * 3
    sheet.lay(body, cotton, height=pillow(body, 14) + drape + noise(shape, 2.2, rng) * 0.2 + 5, gloss=0.01)
    collar = stroke(shape, curve([(216, 62), (240, 92), (280, 104), (320, 92), (344, 62)], closed=False), width=12)
    sheet.lay(collar, cotton * 0.9, height=sheet.height + 2)
    sheet.carve(stroke(shape, [(124, 522), (280, 530), (436, 522)], width=2) * body, 1.5, darken=0.3)
    _apply(sheet, mark, ((180, 136), (380, 136), (380, 336), (180, 336)))
    return sheet.piece()


def _apply(sheet: Sheet, mark: Image.Image, quad: tuple[Point, Point, Point, Point], *, raised: float = 0.0) -> None:
    """Print the logo into four corners of what is there; it follows the folds."""
    shape: Shape = sheet.shape
    corners = [(0.0, 0.0), (float(mark.width), 0.0), (float(mark.width), float(mark.height)), (0.0, float(mark.height))]
    warp = homography(corners, quad)
    less = mark.reduce(max(1, int(mark.width / abs(quad[1][0] - quad[0][0]))))
    scale = mark.width / less.width
    warp = tuple(n / scale if i < 6 else n for i, n in enumerate(warp))
    shown = less.transform((shape[1], shape[0]), Image.Transform.PERSPECTIVE, warp, Image.Resampling.BICUBIC)
    mask = np.asarray(shown.getchannel("A"), dtype=np.float32) / np.float32(255) * sheet.alpha
    ink = np.square(np.asarray(mark.getpixel((0, 0)), dtype=np.float32)[:3] / np.float32(255))
    sheet.ink(mask, ink)
    if raised:
        sheet.carve(mask, -raised)
