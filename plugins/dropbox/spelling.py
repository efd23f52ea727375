"""How Dropbox writes a name as a tag: small letters, digits and underscores, at most 32 of them."""

from __future__ import annotations

import hashlib
import unicodedata

LONGEST = 32
MARK = 6
"""letters that tell apart names whose spelling loses something"""


def spell(name: str) -> str:
    """The tag that Dropbox shows for a name; spelled once more it stays the same.

    A name with signs that no tag can have, or a long one, ends in letters that only this name has.
    """
    letters, is_whole = _letters(name)
    if is_whole and 0 < len(letters) <= LONGEST:
        return letters
    mark = hashlib.sha256(unicodedata.normalize("NFC", name).encode("utf-8", "surrogatepass")).hexdigest()[:MARK]
    stem = letters[: LONGEST - MARK - 1].rstrip("_") or "tag"
    return f"{stem}_{mark}"


def _letters(name: str) -> tuple[str, bool]:
    """What can be written of a name, and whether that is all of it."""
    found, is_whole = [], True
    for sign in _small(name):
        if sign.isalnum():
            found.append(sign)
        elif sign == "_" or sign == "-" or sign.isspace():
            found.append(" ")
        else:
            is_whole = False
    return "_".join("".join(found).split()), is_whole


def _small(name: str) -> str:
    """Small letters in their composed form; a letter may need two turns to come to rest."""
    while (small := unicodedata.normalize("NFKC", name).lower()) != name:
        name = small
    return name
