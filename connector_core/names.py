"""Names that people give: of tenants, tags, groups and keys."""

from __future__ import annotations

import unicodedata

from model_service.errors import Refuse

LONGEST = 250
"""characters"""


def named(text: str) -> str:
    """The name, without blanks around it and doubled ones inside. Raises Refuse for what nobody could read."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > LONGEST or any(unicodedata.category(one) == "Cc" for one in name):
        raise Refuse(f"A name must have 1 to {LONGEST} characters, and none that cannot be printed.")
    return name
