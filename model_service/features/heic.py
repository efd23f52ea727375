"""HEIC photos as Pillow images: pixels and colour profile, nothing else."""

from __future__ import annotations

import importlib
from typing import Any

from PIL import ImageFile

from model_service.errors import Misconfigured


class HeicImageFile(ImageFile.ImageFile):
    """The primary picture of a HEIC file, upright as the decoder delivers it.

    Uses the compiled half of pi-heif alone: its own Pillow plugin also reads metadata and previews of every picture
    in the file, which crashes the whole process on some damaged files.
    """

    format = "HEIF"

    def _open(self) -> None:
        assert self.fp is not None
        self._source = _primary(self.fp.read())
        self._size, self._mode = self._source.size_mode
        profile = self._source.color_profile or {}
        if profile.get("type") in ("rICC", "prof"):
            self.info["icc_profile"] = profile["data"]

    def load(self) -> Any:
        """Decode, once."""
        if self._source is not None:
            pixels = self._source.data
            # What is decoded may be smaller or larger than what the header says.
            self._size, self._mode = self._source.size_mode
            self.load_prepare()
            self.frombytes(pixels, "raw", (self.mode, self._source.stride))
            self._source = None
        return super().load()


def _primary(content: bytes) -> Any:
    # Loaded at the first such file: the library is large and most collections have none.
    heif = importlib.import_module("_pi_heif")
    threads, eight_bits, bgr, tight, deep, decoder, unlimited = 1, True, False, False, True, "", False
    try:
        images = heif.load_file(content, threads, eight_bits, bgr, tight, deep, decoder, unlimited)
    except TypeError:
        raise Misconfigured("HEIC photos need pi-heif 1.4 or a later 1.x: pip install 'pi-heif>=1.4,<2'.") from None
    for image in images:
        if image is not None and image.primary:
            return image
    raise SyntaxError("no primary picture")
