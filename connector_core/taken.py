"""The day a photo was taken, as its camera wrote it: photos of one day are one shoot."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

EXIF, TAKEN = 0x8769, 0x9003
_DAY = re.compile(r"(\d{4}):(\d\d):(\d\d) ")


def day_taken(path: Path) -> str:
    """The day as 2025-03-19, empty where the file does not say it or cannot be opened."""
    try:
        with Image.open(path) as picture:
            said = picture.getexif().get_ifd(EXIF).get(TAKEN, "")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    day = _DAY.match(said) if isinstance(said, str) else None
    # Cameras whose clock was never set write year 0, 1970 or 2000, on the first of January.
    return "-".join(day.groups()) if day and not day[0].endswith(":01:01 ") else ""
