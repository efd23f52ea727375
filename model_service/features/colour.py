"""Colours as they were meant: wide-gamut and print pictures converted to sRGB."""

from __future__ import annotations

import functools
import io

from PIL import Image, ImageCms

LARGEST_PROFILE = 4_000_000
"""bytes; real ones have up to two million (print)"""

_SPACES = {"RGB ": "RGB", "CMYK": "CMYK"}


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image in sRGB if its colour profile fits it, else the image as it is: a damaged profile is ignored."""
    if not profile or len(profile) > LARGEST_PROFILE:
        return image
    transform = _transform(profile, image.mode)
    if transform is None:
        return image
    converted = transform.apply(image)
    converted.info.pop("icc_profile", None)
    return converted


@functools.lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if _SPACES.get(source.profile.xcolor_space) != mode or "sRGB" in ImageCms.getProfileDescription(source):
            return None
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        return ImageCms.ImageCmsTransform(source, srgb, mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
