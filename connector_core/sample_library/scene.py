"""One photo of one product: the backdrop, the light, the pose, what lies around, the camera."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator
from PIL import Image

from connector_core.sample_library.backdrops import HORIZON, backdrop
from connector_core.sample_library.camera import develop
from connector_core.sample_library.catalogue import Product
from connector_core.sample_library.light import Light, shade
from connector_core.sample_library.paint import Floats, Point, light_of, noise
from connector_core.sample_library.piece import Piece, cropped
from connector_core.sample_library.props import PROPS, prop
from connector_core.sample_library.shadows import beneath, on_the_floor
from connector_core.sample_library.shoots import EXAMPLE_SHOOTS, NEW_SHOOTS, Shoot
from connector_core.sample_library.solid import homography
from connector_core.sample_library.surfaces import SIDE, surface

_SIZES = ((800, 600), (640, 480), (640, 480), (720, 480), (600, 600), (540, 480))
_KEY, _SKY = 0.98, 0.34


def photo(product: Product, rng: Generator, *, shoot: Shoot | None = None, take: int | None = None) -> Image.Image:
    """A photo of the product from this shoot, or from any; the same ``rng`` state gives the same pixels.

    ``take`` numbers the ways in which the product was laid out: photos of one take share its folds.
    """
    shoots = EXAMPLE_SHOOTS + NEW_SHOOTS
    shoot = shoot if shoot is not None else shoots[int(rng.integers(len(shoots)))]
    piece = _laid_out(product, take if take is not None else int(rng.integers(8)))
    wide, high = _SIZES[int(rng.integers(len(_SIZES)))]
    if rng.random() < 0.5:
        wide, high = high, wide
    light = _light(shoot, rng)
    scene = _Scene(shoot, light, (high, wide), rng)
    quad = scene.quad(piece, product.look.turn)
    scene.backdrop(max(y for _, y in quad) if piece.standing else None)
    if not piece.standing and rng.random() < shoot.props:
        for _ in range(int(rng.integers(1, 4))):
            scene.put_prop()
    scene.put(piece, quad)
    scene.fall_off()
    return develop(scene.light_map, shoot, rng)


@lru_cache(maxsize=10)
def _laid_out(product: Product, take: int) -> Piece:
    return cropped(product.look.piece(np.random.default_rng([take, *product.name.encode()])))


def _light(shoot: Shoot, rng: Generator) -> Light:
    warmth = shoot.warmth + float(rng.normal(0, 0.07))
    colour = np.asarray([1 + 0.22 * warmth, 1.0, 1 - 0.34 * warmth]) * shoot.bright * float(rng.normal(1, 0.04))
    sky = np.asarray([1 + 0.05 * warmth, 1.0, 1 - 0.10 * warmth]) * shoot.bright
    up = float(np.clip(shoot.elevation + rng.normal(0, 4), 24, 82))
    # A low sun is given more light, so that exposure stays where an automatic camera would put it.
    key = colour * _KEY * (0.72 / max(np.sin(np.radians(up)), 0.45))
    strength = 0.55 + 0.45 * shoot.hard
    sky = sky * (_SKY + 0.30 * (1 - strength))
    return Light(
        azimuth=shoot.azimuth + float(rng.normal(0, 12)),
        elevation=up,
        key=(float(key[0] * strength), float(key[1] * strength), float(key[2] * strength)),
        sky=(float(sky[0]), float(sky[1]), float(sky[2])),
        hard=shoot.hard,
    )


class _Scene:
    """A photo in the making, as light per pixel."""

    def __init__(self, shoot: Shoot, light: Light, shape: tuple[int, int], rng: Generator) -> None:
        self.shoot, self.light, self.shape, self.rng = shoot, light, shape, rng
        self.light_map: Floats = np.zeros((*shape, 3), dtype=np.float32)

    def backdrop(self, base: float | None) -> None:
        """Lay the ground; for standing things with the floor under ``base``, their lowest pixel."""
        high, wide = self.shape
        zoom = float(self.rng.uniform(0.62, 0.98))
        if base is None:
            picture = surface(self.shoot.floor)
            span = zoom * SIDE * np.asarray([wide, high]) / max(wide, high)
            left, top = self.rng.uniform(0, SIDE - span)
            if self.rng.random() < 0.5:
                picture = picture.transpose(Image.Transpose.ROTATE_90)
        else:
            picture = backdrop(self.shoot.floor, self.shoot.wall)
            scale = max(high, wide) / SIDE / zoom
            span = np.asarray([wide, high]) / scale
            left = self.rng.uniform(0, SIDE - span[0])
            behind = self.rng.uniform(60, 190)
            top = float(np.clip(HORIZON + behind - base / scale, 0, SIDE - span[1]))
        frame = (float(left), float(top), float(left + span[0]), float(top + span[1]))
        ground = light_of(picture.resize((wide, high), Image.Resampling.BILINEAR, frame))
        up = np.sin(np.radians(self.light.elevation))
        self.light_map = ground * (
            np.asarray(self.light.key, dtype=np.float32) * np.float32(up) + np.asarray(self.light.sky, dtype=np.float32)
        )

    def quad(self, piece: Piece, turn: float) -> list[Point]:
        """Where the corners of the piece come to lie in the picture."""
        high, wide = self.shape
        rng, shoot = self.rng, self.shoot
        tall, broad = piece.alpha.shape
        self.turned = float(np.clip(rng.normal(0, 0.5), -1, 1)) * turn * shoot.turned
        if turn >= 180:
            self.turned = (
                float(rng.choice([0, 90, 180, 270], p=[0.55, 0.15, 0.15, 0.15])) * (shoot.turned > 0.4)
                + float(rng.normal(0, 40)) * shoot.turned
            )
        a = np.radians(self.turned)
        spin = np.asarray([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        corners = np.asarray([(-broad, -tall), (broad, -tall), (broad, tall), (-broad, tall)]) / 2 @ spin.T
        reach = np.ptp(corners, axis=0)
        room = min(wide / reach[0], high / reach[1])
        fill = float(rng.uniform(*shoot.fill))
        if rng.random() < 0.08 and shoot.tilt > 0.04:
            fill *= 1.3
        corners *= room * fill
        if not piece.standing:
            corners *= 1 + rng.normal(0, shoot.tilt * 0.5, (4, 2))
            corners[:, 1] *= 1 - abs(rng.normal(0, shoot.tilt))
        spare = np.clip(np.asarray([wide, high]) - np.ptp(corners, axis=0), 24, None)
        middle = np.asarray([wide, high]) / 2 + np.clip(rng.normal(0, 0.22, 2), -0.5, 0.5) * spare * (
            1.0 if shoot.tilt > 0.03 else 0.2
        )
        return [(float(x), float(y)) for x, y in corners + middle]

    def put(self, piece: Piece, quad: list[Point], turned: float | None = None) -> None:
        """Put a lit piece and its shadow into the picture."""
        turned = self.turned if turned is None else turned
        lit = shade(piece, self.light, turned)
        size = float(np.hypot(quad[1][0] - quad[0][0], quad[1][1] - quad[0][1]))
        # Mipmap: a piece shown at half its size or less is reduced first.
        less = max(1, int(lit.width / max(size, 1.0)))
        lit = lit.reduce(less) if less > 1 else lit
        left, top, right, bottom = self._seen(quad)
        if right <= left or bottom <= top:
            return
        inside = [(x - left, y - top) for x, y in quad]
        edge = [(0.0, 0.0), (float(lit.width), 0.0), (float(lit.width), float(lit.height)), (0.0, float(lit.height))]
        warp = homography(edge, inside)
        shown = lit.transform(
            (right - left, bottom - top), Image.Transform.PERSPECTIVE, warp, Image.Resampling.BILINEAR
        )
        levels = np.asarray(shown, dtype=np.float32) / np.float32(255)
        self._shadow(shown.getchannel("A"), (left, top), size / piece.alpha.shape[1], piece.standing)
        part = self.light_map[top:bottom, left:right]
        part += levels[..., 3:] * (np.square(levels[..., :3]) - part)

    def _seen(self, quad: list[Point]) -> tuple[int, int, int, int]:
        """The part of the picture that these corners can reach: left, top, right, bottom."""
        high, wide = self.shape
        xs, ys = [x for x, _ in quad], [y for _, y in quad]
        return (
            max(0, int(min(xs)) - 1),
            max(0, int(min(ys)) - 1),
            min(wide, int(max(xs)) + 2),
            min(high, int(max(ys)) + 2),
        )

    def _shadow(self, outline: Image.Image, at: tuple[int, int], scale: float, standing: bool) -> None:
        """Take from the ground the light that the piece keeps from it."""
        amount = (on_the_floor if standing else beneath)(outline, at, self.shape, self.light, scale)[..., None]
        key = np.asarray(self.light.key) * np.sin(np.radians(self.light.elevation))
        self.light_map *= 1 - amount * (key / (key + np.asarray(self.light.sky))).astype(np.float32)

    def put_prop(self) -> None:
        """Lay something small near an edge of the picture, mostly out of the product's way."""
        high, wide = self.shape
        piece = prop(PROPS[int(self.rng.integers(len(PROPS)))])
        middle = np.asarray([wide, high]) * self.rng.choice([0.06, 0.94], 2)
        middle[int(self.rng.integers(2))] = self.rng.uniform(0, min(wide, high))
        turned = float(self.rng.uniform(0, 360))
        self.put(piece, _square(middle, float(self.rng.uniform(0.14, 0.24)) * max(wide, high), turned), turned)

    def fall_off(self) -> None:
        """Light is never even: it fades across the frame, and leaves or window bars throw shadows."""
        high, wide = self.shape
        way = np.radians(self.light.azimuth)
        y = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
        x = np.linspace(-1, 1, wide, dtype=np.float32)[None, :]
        fade = 1 + np.float32(self.rng.uniform(0.04, 0.26)) * (
            x * np.float32(np.cos(way)) + y * np.float32(np.sin(way))
        )
        if self.shoot.dapple and self.rng.random() < 0.6:
            fade *= 1 - np.float32(self.shoot.dapple) * self._dapple()
        self.light_map *= fade[..., None]

    def _dapple(self) -> Floats:
        """The shadow of a window frame or of leaves far away: soft, and longer along the light."""
        high, wide = self.shape
        y, x = np.mgrid[:high, :wide].astype(np.float32)
        way = np.radians(self.light.azimuth + self.rng.uniform(-25, 25))
        along, across = x * np.cos(way) + y * np.sin(way), y * np.cos(way) - x * np.sin(way)
        if self.rng.random() < 0.5:
            period, start = self.rng.uniform(180, 320), self.rng.uniform(0, 320)
            bars = np.minimum(
                np.abs((across + start) % period - period / 2), np.abs((along * 0.6 + start) % period - period / 2)
            )
            return np.asarray(np.clip(1.25 - bars / self.rng.uniform(14, 26), 0, 1), dtype=np.float32)
        leaves = noise(self.shape, float(self.rng.uniform(110, 220)), self.rng) + 0.35 * noise(self.shape, 46, self.rng)
        return np.asarray(0.5 + 0.5 * np.tanh(leaves * 1.1), dtype=np.float32)


def _square(middle: Floats, side: float, turned: float) -> list[Point]:
    a = np.radians(turned)
    spin = np.asarray([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    corners = np.asarray([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * side / 2 @ spin.T + middle
    return [(float(x), float(y)) for x, y in corners]
