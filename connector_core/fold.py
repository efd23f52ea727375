"""Text as it is searched for."""

from __future__ import annotations

import re
import unicodedata


def fold(text: str) -> str:
    """The text without accents, case and doubled blanks: ``"Crème  BRÛLÉE"`` and ``"creme brulee"`` are the same."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in parts if not unicodedata.combining(letter)).split())


def words(text: str) -> list[str]:
    """The words of the text, folded: ``"IMG_4711-Größe.jpg"`` gives ``["img", "4711", "grosse", "jpg"]``."""
    return re.findall(r"[^\W_]+", fold(text))


def searched(*texts: str) -> str:
    """The words of these texts in one string, a blank before each: what a search for beginnings of words looks into."""
    return "".join(f" {word}" for word in dict.fromkeys(word for text in texts for word in words(text)))
