"""Printed matter: the ground that labels are printed on."""

from __future__ import annotations

from PIL import Image


def paper(colour: str, size: tuple[int, int]) -> Image.Image:
    """Printed paper: a little lighter at the top."""
    fade = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, tint(colour, 0.92)), Image.new("RGB", size, tint(colour, 1.06)), fade)


def tint(colour: str, factor: float) -> str:
    """The colour, lighter or darker."""
    levels = bytes.fromhex(colour.removeprefix("#"))
    return "#" + bytes(min(255, max(0, round(level * factor))) for level in levels).hex()
