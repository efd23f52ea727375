"""The card of an ONNX encoder: the small JSON file beside it that says how pictures go in and vectors come out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_service.errors import Misconfigured

RESIZE = ("stretch", "crop", "pad")
RESAMPLE = ("bilinear", "bicubic")
CHANNELS = ("RGB", "BGR")
LAYOUT = ("NCHW", "NHWC")
DTYPE = ("float32", "float16", "uint8")
POST = ("mean_pool", "cls", "relu", "sqrt", "l2")

MOST_BYTES = 64 * 1024
MOST_SIDE = 1024


@dataclass(frozen=True, slots=True)
class Card:
    """What ``docs/encoders.md`` describes key by key; every default is the value of a missing key."""

    size: tuple[int, int]
    """width, height of the network's input"""
    input: str = ""
    output: str = ""
    name: str = ""
    resize: str = "stretch"
    shorter: int = 0
    """with ``crop`` on a square input: the side the shorter edge is brought to before the centre is cut out"""
    fill: int = 0
    """with ``pad``: the grey value of the margins"""
    resample: str = "bilinear"
    channels: str = "RGB"
    layout: str = "NCHW"
    dtype: str = "float32"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    post: tuple[str, ...] = ()
    flip: bool = False

    @property
    def words(self) -> str:
        """The preprocessing in words stable enough to compare."""
        fit = {"crop": f"crop from {self.shorter}", "pad": f"pad with {self.fill}"}.get(self.resize, self.resize)
        scale = "" if self.dtype == "uint8" else f"(x - {_numbers(self.mean)}) / {_numbers(self.std)}"
        views = "mean of both mirror images" if self.flip else ""
        size = f"{self.size[0]}x{self.size[1]} {fit}, {self.resample}"
        parts = (size, f"{self.channels} {self.layout} {self.dtype}", scale, *self.post, views, "l2")
        return ", ".join(part for part in parts if part)


def read_card(path: Path) -> Card:
    """The card in a file. Raises Misconfigured with one sentence."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise Misconfigured(
            f'{path} is missing: write a card beside the network, at the least {{"size": 224}} (see docs/encoders.md).'
        ) from None
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > MOST_BYTES:
        raise Misconfigured(f"{path} is larger than {MOST_BYTES // 1024} KiB, so it is no encoder card.")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Misconfigured(f"{path} is not JSON: {error}.") from None
    if not isinstance(content, dict):
        raise Misconfigured(f'{path} must be one JSON object, like {{"size": 224}}.')
    return parse_card(content, str(path))


def parse_card(content: Mapping[str, Any], where: str = "the encoder card") -> Card:
    """A card from plain data. Raises Misconfigured with one sentence that names the key and what it may be."""
    return _Reader(content, where).card()


class _Reader:
    def __init__(self, content: Mapping[str, Any], where: str) -> None:
        self.content = content
        self.where = where

    def card(self) -> Card:
        known = list(Card.__dataclass_fields__)
        for key in self.content:
            if key not in known:
                raise self.wrong(f'does not know the key "{key}"; known are {", ".join(known)}')
        card = Card(
            size=self.size(),
            input=self.text("input"),
            output=self.text("output"),
            name=self.text("name"),
            resize=self.choice("resize", RESIZE),
            shorter=self.whole("shorter", 1, 4 * MOST_SIDE),
            fill=self.whole("fill", 0, 255),
            resample=self.choice("resample", RESAMPLE),
            channels=self.choice("channels", CHANNELS),
            layout=self.choice("layout", LAYOUT),
            dtype=self.choice("dtype", DTYPE),
            mean=self.three("mean", 0.0),
            std=self.three("std", 1.0),
            post=self.post(),
            flip=self.truth("flip"),
        )
        return self.agreed(card)

    def agreed(self, card: Card) -> Card:
        """The card, once its keys are known not to contradict each other."""
        if "shorter" in self.content and (card.resize != "crop" or card.size[0] != card.size[1]):
            raise self.wrong('can use "shorter" only with "resize": "crop" and a square size')
        if "shorter" in self.content and card.shorter < card.size[0]:
            raise self.wrong('needs a "shorter" that is at least the size')
        if "fill" in self.content and card.resize != "pad":
            raise self.wrong('can use "fill" only with "resize": "pad"')
        if card.dtype == "uint8" and ("mean" in self.content or "std" in self.content):
            raise self.wrong('cannot use "mean" or "std" with "dtype": "uint8", which gets the pixels as they are')
        if any(value < 1 for value in card.std):
            raise self.wrong('needs "std" of at least 1: pixels run from 0 to 255 here, so multiply by 255')
        if any(step in ("mean_pool", "cls") for step in card.post[1:]):
            raise self.wrong('can have "mean_pool" or "cls" only as the first step of "post", and only one of them')
        return card

    def wrong(self, what: str) -> Misconfigured:
        return Misconfigured(f"{self.where} {what}.")

    def size(self) -> tuple[int, int]:
        given = self.content.get("size")
        pair: list[Any] = given if isinstance(given, list) else [given, given]
        sides = [int(side) for side in pair if _is_whole(side) and 1 <= side <= MOST_SIDE]
        if len(pair) != 2 or len(sides) != 2:
            raise self.wrong(f'needs "size", one side or [width, height] in pixels, each from 1 to {MOST_SIDE}')
        return sides[0], sides[1]

    def text(self, key: str) -> str:
        given = self.content.get(key, "")
        if not isinstance(given, str) or len(given) > 200 or (key in self.content and not given.strip()):
            raise self.wrong(f'needs a short text for "{key}"')
        return given

    def choice(self, key: str, options: tuple[str, ...]) -> str:
        given = self.content.get(key, options[0])
        if given not in options:
            raise self.wrong(f'needs one of {", ".join(options)} for "{key}"')
        return str(given)

    def whole(self, key: str, low: int, high: int) -> int:
        if key not in self.content:
            return 0
        given = self.content[key]
        if not _is_whole(given) or not low <= given <= high:
            raise self.wrong(f'needs a whole number from {low} to {high} for "{key}"')
        return int(given)

    def three(self, key: str, default: float) -> tuple[float, float, float]:
        given = self.content.get(key, default)
        values = given if isinstance(given, list) else [given] * 3
        if len(values) != 3 or not all(_is_number(value) for value in values):
            raise self.wrong(f'needs one number or three, in the order of "channels", for "{key}"')
        return float(values[0]), float(values[1]), float(values[2])

    def post(self) -> tuple[str, ...]:
        given = self.content.get("post", [])
        if not isinstance(given, list) or len(given) > 8 or not all(step in POST for step in given):
            raise self.wrong(f'needs a list of steps for "post", each one of {", ".join(POST)}')
        return tuple(given)

    def truth(self, key: str) -> bool:
        given = self.content.get(key, False)
        if not isinstance(given, bool):
            raise self.wrong(f'needs true or false for "{key}"')
        return given


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _numbers(values: tuple[float, float, float]) -> str:
    same = len(set(values)) == 1
    return f"{values[0]:g}" if same else "[" + " ".join(f"{value:g}" for value in values) + "]"
