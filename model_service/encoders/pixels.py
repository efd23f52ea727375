"""A picture made ready for a network: resized, its channels ordered, its numbers scaled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_service.encoders.card import Card
from model_service.types import Picture

_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def fit(picture: Picture, card: Card) -> Picture:
    """The picture at the card's size, RGB, (height, width, 3).

    Pillow's bilinear or bicubic filter, whose support grows with the reduction (antialiased). ``stretch`` ignores
    the aspect; ``crop`` keeps it and cuts the centre out; ``pad`` keeps it and centres the picture on grey.
    """
    image = Image.fromarray(np.ascontiguousarray(picture))
    width, height = card.size
    how = _FILTERS[card.resample]
    if card.resize == "crop":
        # Only the part that stays is ever resized, so that a 640x1 strip does not become a picture of 200,000 pixels.
        scale = max(width / image.width, height / image.height)
        if card.shorter:
            scale = card.shorter / min(image.width, image.height)
        wide, high = min(width / scale, image.width), min(height / scale, image.height)
        left, top = (image.width - wide) / 2, (image.height - high) / 2
        return np.asarray(image.resize(card.size, how, box=(left, top, left + wide, top + high)))
    if card.resize == "pad":
        scale = min(width / image.width, height / image.height)
        inner = max(1, min(width, round(image.width * scale))), max(1, min(height, round(image.height * scale)))
        canvas = Image.new("RGB", card.size, (card.fill,) * 3)
        canvas.paste(image.resize(inner, how), ((width - inner[0]) // 2, (height - inner[1]) // 2))
        return np.asarray(canvas)
    return np.asarray(image.resize(card.size, how))


def feed(pixels: Picture, card: Card) -> NDArray[Any]:
    """Fitted pixels as one element of the network's input: ``(pixel - mean) / std`` in the card's order and type."""
    ordered = pixels[:, :, ::-1] if card.channels == "BGR" else pixels
    if card.dtype == "uint8":
        values: NDArray[Any] = ordered
    else:
        values = (ordered - np.array(card.mean, np.float32)) / np.array(card.std, np.float32)
        values = values.astype(card.dtype, copy=False)
    return values.transpose(2, 0, 1) if card.layout == "NCHW" else values
