"""Calls of a host: believed only when signed, told on at once, and never more than a hint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector_core.apps import App
from connector_core.connector import Pushes
from connector_core.errors import BadSignature
from connector_core.types import Hook
from tests.contract.connector.platform import Platform, Suite


class HearingContract(Suite):
    """Promises of ``hear``."""

    def test_a_signed_call_names_the_account(self, platform: Platform) -> None:
        known, app, hook, account = self._called(platform)
        assert known.hear(app, hook).accounts == (account,)
        assert known.hear(app, hook).accounts == (account,)

    def test_a_forged_call_is_refused(self, platform: Platform) -> None:
        known, app, hook, _ = self._called(platform)
        forged = platform.hook(secret="somebody else's")
        assert forged is not None
        unsigned = {name: value for name, value in hook.headers.items() if "signature" not in name}
        altered = [replace(hook, body=hook.body + b" "), replace(hook, body=b""), replace(hook, headers=unsigned)]
        for call in (forged[1], *altered):
            with pytest.raises(BadSignature):
                known.hear(app, call)

    def test_an_app_without_a_secret_believes_nobody(self, platform: Platform) -> None:
        known, app, hook, _ = self._called(platform)
        forged = platform.hook(secret="")
        assert forged is not None
        for call in (hook, forged[1]):
            with pytest.raises(BadSignature):
                known.hear(App(app.client, ""), call)

    def test_garbage_is_refused_before_it_is_read(self, platform: Platform) -> None:
        known, app, hook, _ = self._called(platform)
        for body in (b"\xff\xfe", b"[" * 100_000, b"null", b'{"list_folder": 7}'):
            with pytest.raises(BadSignature):
                known.hear(app, replace(hook, body=body))

    def _called(self, platform: Platform) -> tuple[type[Pushes], App, Hook, str]:
        known, called = type(platform.connect()), platform.hook()
        if not issubclass(known, Pushes) or called is None:
            pytest.skip(f"{self.host} calls nobody")
        return known, *called
