"""Where a picture format keeps XMP and IPTC, and how to change them without touching a pixel."""

from __future__ import annotations

from plugins.folder.formats import gif, jpeg, png, tiff, webp
from plugins.folder.formats.format import Format, Inside, Reader, Unwritable

FORMATS: tuple[Format, ...] = (jpeg.Jpeg(), png.Png(), webp.Webp(), tiff.Tiff(), gif.Gif())


def recognise(reader: Reader) -> Format | None:
    """The format by its first bytes, whatever the file is called; None where we only write sidecars."""
    head = reader.at(0, min(16, reader.size))
    return next((known for known in FORMATS if known.matches(head)), None)


__all__ = ["FORMATS", "Format", "Inside", "Reader", "Unwritable", "recognise"]
