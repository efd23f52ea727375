"""Text as it is searched for."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """The text without accents, case and doubled blanks: ``"Crème  BRÛLÉE"`` and ``"creme brulee"`` are the same."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in parts if not unicodedata.combining(letter)).split())
