"""Pictures for tests: one drawing, saved in every way that a camera or a studio saves pictures."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

from model_service.types import Picture

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 160, 0), (0, 0, 255), (255, 255, 255)


def drawing(width: int = 64, height: int = 48) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    return Image.fromarray(pixels)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """The bytes of an image in a format."""
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def turned(orientation: int) -> bytes:
    """EXIF that says how the camera was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def corners(picture: Picture) -> list[str]:
    """The colours at top left, top right, bottom left and bottom right, by name."""
    height, width = picture.shape[:2]
    named = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    found = []
    for y, x in ((height // 4, width // 4), (height // 4, -width // 4), (-height // 4, width // 4), (-1, -1)):
        pixel = picture[y, x].astype(int)
        found.append(min(named, key=lambda name: int(np.abs(pixel - named[name]).sum())))
        assert np.abs(pixel - named[found[-1]]).max() < 90, f"{pixel} is none of the four colours"
    return found


UPRIGHT = ["red", "green", "blue", "white"]

HEIC_HELD_SIDEWAYS = base64.b64decode(
    """
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAAAA
AERAAAIAAQAAAAAB7AABAAAAAAAAASwAAgAAAAADGAABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZl
AgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH/
/wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29s
cm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAA
AwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAVhtZGF0AAABKCgBrwY4Wve2
38zgf//5Wm+h/euKidFb8aVjaq+5AjffwOd//6yYj3gPv4lOiKGcK1CvR5BP9oXvbr8Q3I6sr7pTBA6LN3exXHIQ39El9OlIjHE/eWC0Ywt/vQSo
B3TbBNdWgHVFcDhz8xveSb/ztv/+owR3/Qu/+nH/+1OWaxPuubz/thSP3EVQv7UpixDL/jD6gP4NA1do9D/QnQ/fEQDIV1YtrgEx1VWs+J3z5F2B
NA97YnrilBplpZpmtGJMuJfdEdHLjNwXLL5tNyltY+GXUPzD+vOLuJZ9hP+W+IBoNKeuq11k/6OyNH2QIlr+7M8o02l4xG559Rki1tduzj2VgFln
Z1BgFrpIDyoBN+iYrrtXvDLC/6X3n2wfRroPnDDWoqfwwxXiAAAABkV4aWYAAE1NACoAAAAIAAEBEgADAAAAAQAGAAAAAAAA
"""
)
"""the drawing, 64 x 48, held so that it shows as 48 x 64 with blue top left"""

HEIC_WITH_DAMAGED_METADATA = base64.b64decode(
    """
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAAAA
AERAAAIAAQAAAAAB4gABAAAAAAAAASwAAgAAAAADDgABAAAAAAAAACQAAAA4aWluZgAAAQAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZl
AgAAAQACAABFeGn/AAAAAA5waXRtAAAATwABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH/
/wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29s
cm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAA
AwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAABWG1kYXQAAAEoKAGvBjha97bfzOB///lab6H9
64qJ0VvxpWNqr7kCN9/A53//rJiPeA+/iU6IoZwrUK9HkE/2he9uvxDcjqyvulMEDos3d7FcchDf0SX06UiMcT95YLRjC3+9BKgHdNsE11aAdUVw
OHPzG95Jv/O2//6jBHf9C7/6cf/7U5ZrE+65vP+2FI/cRVC/tSmLEMv+MPqA/g0DV2j0P9CdD98RAMhXVi2uATHVVaz4nfPkXYE0D3tieuKUGmWl
mma0Yky4l90R0cuM3Bcsvm03KW1j4ZdQ/MP684u4ln2E/5b4gGg0p66rXWT/o7I0fZAiWv7szyjTaXjEbnn1GSLW127OPZWAWWdnUGAWukgPKgE3
6Jiuu1e8MsL/pfefbB9Gug+cMNaip/DDFeIAAAAGRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAEAAAAAAAA=
"""
)
"""the same, with metadata so damaged that reading it crashes pi-heif's own Pillow plugin, and Python with it"""
