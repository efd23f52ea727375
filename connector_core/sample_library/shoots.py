"""The shoots: examples come from some, unseen photos from others, as in life."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shoot:
    """One day with a camera: a place, a light, and the habits of whoever took the photos."""

    name: str
    day: dt.date
    camera: str
    floor: str
    """the surface that flat things lie on and standing things stand on"""
    wall: str
    """what is behind standing things"""
    azimuth: float
    """where the light comes from, degrees: 180 left, 270 above"""
    elevation: float
    warmth: float
    """what is left of the light's colour after white balance: 1 a candle, -1 open shade"""
    bright: float
    hard: float
    fill: Span
    """the product's share of the frame's shorter side"""
    tilt: float
    """how far the corners of the product shift with the camera's angle, as a share"""
    turned: float
    """the share of a product's free turn that these photos use"""
    blur: Span
    noise: float
    quality: tuple[int, int]
    props: float = 0.0
    """how likely other things lie in the frame"""
    dapple: float = 0.0
    """depth of the shadows of leaves or a window"""


def _shoot(name: str, day: str, camera: str, floor: str, wall: str, light: tuple[float, ...], fill: Span,
           tilt: float, turned: float, blur: Span, noise: float, quality: tuple[int, int], *,
           props: float = 0.0, dapple: float = 0.0) -> Shoot:  # fmt: skip
    azimuth, elevation, warmth, bright, hard = light
    return Shoot(name, dt.date.fromisoformat(day), camera, floor, wall, azimuth, elevation, warmth, bright, hard,
                 fill, tilt, turned, blur, noise, quality, props, dapple)  # fmt: skip


PACKSHOT = _shoot("packshot", "2025-02-11", "Canon EOS R6", "white", "white", (235, 62, 0.0, 1.04, 0.35), (0.72, 0.92),
                  0.02, 0.18, (0, 0.4), 0.004, (88, 94))  # fmt: skip

EXAMPLE_SHOOTS: tuple[Shoot, ...] = (
    PACKSHOT,
    _shoot("grey sweep", "2025-03-04", "Canon EOS R6", "grey", "grey", (310, 48, -0.12, 0.95, 0.6), (0.6, 0.85),
           0.05, 0.5, (0, 0.6), 0.008, (84, 92)),
    _shoot("oak table", "2025-03-19", "Apple iPhone 14", "oak", "room", (190, 38, 0.18, 0.92, 0.75), (0.55, 0.85),
           0.09, 0.8, (0.2, 1.0), 0.014, (76, 88), props=0.55),
    _shoot("loading dock", "2025-04-08", "Apple iPhone 14", "concrete", "plaster", (300, 32, -0.28, 0.95, 0.9),
           (0.55, 0.9), 0.10, 0.9, (0.2, 1.1), 0.016, (70, 86), props=0.25),
    _shoot("linen", "2025-04-30", "Fujifilm X-T5", "linen", "plaster", (215, 42, 0.34, 0.88, 0.5), (0.6, 0.88),
           0.06, 0.6, (0.2, 0.9), 0.012, (82, 92), dapple=0.35),
    _shoot("workbench", "2025-05-14", "Google Pixel 7", "mat", "office", (265, 55, -0.10, 0.9, 0.6), (0.55, 0.85),
           0.09, 1.0, (0.3, 1.2), 0.020, (72, 86), props=0.6),
    _shoot("shop", "2025-05-27", "Google Pixel 7", "walnut", "shelf", (275, 58, 0.10, 0.86, 0.45), (0.55, 0.85),
           0.08, 0.7, (0.4, 1.4), 0.024, (66, 84), props=0.3),
)  # fmt: skip

NEW_SHOOTS: tuple[Shoot, ...] = (
    _shoot("kitchen", "2025-09-02", "Samsung Galaxy S23", "marble", "room", (160, 40, 0.30, 0.95, 0.65), (0.5, 0.85),
           0.10, 0.9, (0.3, 1.4), 0.018, (68, 86), props=0.4),
    _shoot("lawn", "2025-09-07", "Samsung Galaxy S23", "grass", "garden", (320, 44, 0.08, 1.05, 1.0), (0.5, 0.85),
           0.11, 1.0, (0.2, 1.2), 0.012, (72, 88), dapple=0.45),
    _shoot("garage", "2025-09-18", "Nokia G42", "kraft", "brick", (230, 35, 0.45, 0.78, 0.85), (0.5, 0.9),
           0.11, 1.0, (0.5, 1.7), 0.034, (56, 78), props=0.4),
    _shoot("lab", "2025-10-01", "Sony A6400", "steel", "office", (280, 60, -0.30, 0.92, 0.6), (0.55, 0.85),
           0.08, 0.9, (0.2, 1.0), 0.014, (76, 90), props=0.3),
    _shoot("flash at night", "2025-10-12", "Nokia G42", "carpet", "plaster", (270, 78, -0.05, 1.0, 0.9), (0.5, 0.9),
           0.10, 0.9, (0.4, 1.6), 0.030, (58, 80)),
    _shoot("window seat", "2025-10-23", "Apple iPhone 15", "pine", "garden", (20, 36, -0.16, 0.9, 0.7), (0.5, 0.85),
           0.10, 0.8, (0.2, 1.2), 0.016, (72, 88), props=0.35, dapple=0.5),
)  # fmt: skip
