"""What a tag's name must be so that it can be a keyword."""

from __future__ import annotations

import unicodedata
from collections.abc import Set

from connector_core.types import Tag
from model_service.errors import Refuse
from plugins.folder.properties import key

LONGEST = 250
NO_TEXT = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})


def check(add: Set[Tag], remove: Set[Tag]) -> None:
    """Raises Refuse for names that no program could show, and for a tag that is to come and to go at once."""
    for tag in add | remove:
        if not key(tag.name) or tag.name != tag.name.strip():
            raise Refuse(f"The tag {tag.name!r} is empty or begins or ends with a blank; give it a plain name.")
        if len(tag.name) > LONGEST or len(tag.group) > LONGEST:
            raise Refuse(f"The tag {tag.name[:40]}… is longer than {LONGEST} letters; give it a shorter name.")
        if any(unicodedata.category(letter) in NO_TEXT for letter in tag.name + tag.group):
            raise Refuse(f"The tag {tag.name!r} holds letters that cannot be written as a keyword.")
    both = {key(tag.name) for tag in add} & {key(tag.name) for tag in remove}
    if both:
        raise Refuse(f"The tag {min(both)} cannot be added and removed at once.")
