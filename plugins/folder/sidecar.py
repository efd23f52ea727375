"""An XMP file beside a picture, for what cannot be written inside."""

from __future__ import annotations

import os
import re
from collections.abc import Set
from pathlib import Path

from connector_core.errors import ReadOnly
from connector_core.types import Tag
from model_service.errors import TaggingError
from plugins.folder import disk
from plugins.folder.formats import Unwritable
from plugins.folder.ledger import Ledger
from plugins.folder.media import media_type
from plugins.folder.packet import MAX_PACKET
from plugins.folder.properties import Properties

MAX_SEARCH = 32 * 2**20
RAW = frozenset(".3fr .arw .cr2 .cr3 .dng .erf .iiq .mef .mrw .nef .nrw .orf .pef .raf .raw .rw2 .sr2 .srw".split())


class Sidecar:
    """The sidecar of one picture, there or not yet: ``photo.heic.xmp``, or ``photo.xmp`` where people have that.

    Raises ReadOnly where the one that is there is damaged: it is somebody's work.
    """

    def __init__(self, picture: Path) -> None:
        self.path, self._seen = _find(picture)
        data = None
        if self._seen is not None:
            with disk.opened(self.path) as file:
                self._seen = os.fstat(file.fileno())
                data = file.read(MAX_PACKET + 1)
        try:
            self._xmp = Properties(data or None)
            self._was_ours = self.is_there and bool(self._xmp.words("pn:tags"))
            words = [] if self._xmp.words("dc:subject") or self._was_ours else embedded(picture)
        except Unwritable as error:
            raise ReadOnly(f"The sidecar {self.path.name} is damaged; move it away or mend it.") from error
        self.ledger = Ledger(self._xmp, elsewhere=words)

    @property
    def is_there(self) -> bool:
        return self._seen is not None

    @property
    def is_ours(self) -> bool:
        """Whether we have written here before."""
        return self._was_ours

    def retag(self, add: Set[Tag], remove: Set[Tag]) -> bool:
        """Write the sidecar anew, or take it away when nothing is left in it; false where all was as asked."""
        if not self.ledger.retag(add, remove):
            return False
        if not self._xmp.is_empty:
            disk.replace(self.path, self._xmp.data(padding=0), seen=self._seen)
        elif self.is_there:
            disk.remove(self.path)
        return True


def embedded(picture: Path) -> list[str]:
    """Keywords in the first XMP packet near the beginning of any file, for formats that we do not take apart."""
    try:
        with disk.opened(picture) as file:
            data = file.read(MAX_SEARCH)
        found = re.search(rb"<x:xmpmeta[\s>].*?</x:xmpmeta>", data, re.DOTALL)
        return Properties(found[0]).words("dc:subject") if found else []
    except TaggingError:
        return []


def find(picture: Path) -> os.stat_result | None:
    """The state of the sidecar of a picture, None where there is none."""
    return _find(picture)[1]


def _find(picture: Path) -> tuple[Path, os.stat_result | None]:
    """Where the sidecar is or would be, and its state if it is there."""
    own = picture.with_name(picture.name + ".xmp")
    short = picture.with_suffix(".xmp")
    for place in (own, own.with_suffix(".XMP"), short, short.with_suffix(".XMP")):
        try:
            found = os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise ReadOnly(f"{place.name} cannot be looked at: {error.strerror}.") from error
        if place.stem == picture.name or not _shares_its_name(picture):
            return place, found
    return own, None


def _shares_its_name(picture: Path) -> bool:
    """Whether ``photo.xmp`` could belong to another file: ``photo.nef`` or ``photo.jpg`` beside ``photo.heic``."""
    others = (Path(name) for name in os.listdir(picture.parent) if name != picture.name)
    return any(
        other.stem == picture.stem and (media_type(other.name) or other.suffix.lower() in RAW) for other in others
    )
