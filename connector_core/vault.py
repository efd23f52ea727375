"""The vault: secrets encrypted at rest (Fernet: AES-128-CBC and HMAC-SHA256), and keys that can be changed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from model_service.errors import Misconfigured


class Vault:
    """Seals with the first key, opens with any of them; so a new key is put first, and old ones stay until resealed."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._first = keys[0] if keys else ""
        try:
            self._keys = MultiFernet([Fernet(key) for key in keys])
        except (ValueError, TypeError) as error:
            raise Misconfigured(
                "PROPERNOUN_SECRETS must be keys of 32 bytes in URL-safe base64, separated by commas; "
                "`propernoun secret` makes one."
            ) from error

    def seal(self, secret: Mapping[str, Any]) -> bytes:
        """What may be stored."""
        return self._keys.encrypt(json.dumps(secret).encode())

    def open(self, sealed: bytes) -> dict[str, Any]:
        """What was sealed. Raises Misconfigured if no key fits."""
        try:
            found: dict[str, Any] = json.loads(self._keys.decrypt(sealed))
        except InvalidToken as error:
            raise Misconfigured(
                "A stored secret cannot be opened with the keys in PROPERNOUN_SECRETS; add the key it was sealed with."
            ) from error
        return found

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose, the same in all processes; it does not tell the first key (HKDF, RFC 5869)."""
        derive = HKDF(SHA256(), length=32, salt=None, info=f"propernoun {purpose}".encode())
        return derive.derive(self._first.encode())

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret under the first key."""
        try:
            return self._keys.rotate(sealed)
        except InvalidToken as error:
            raise Misconfigured("A stored secret cannot be opened with the keys in PROPERNOUN_SECRETS.") from error


def fresh_key() -> str:
    """A new key, as text."""
    return Fernet.generate_key().decode()


def kept_key(place: Path) -> str:
    """The key in a file that only this user may read, made if there is none: for a service on one machine."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return place.read_text("ascii").strip()
    with os.fdopen(handle, "w") as file:
        file.write(fresh_key())
    return place.read_text("ascii").strip()
