"""A browser that walks through the consent page, and says yes or no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the consent page sent the person back to."""

    url: str
    code: str
    state: str
    error: str


def consent(twin: str, url: str, *, allow: bool, account: str) -> Redirect:
    """Open an address of the twin, answer, and stop at the door of whoever asked."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(url, allow_redirects=False, timeout=10)
        assert page.status_code == 200, page.text
        ask = re.search(r'name="ask" value="([^"]+)"', page.text)
        assert ask is not None, page.text
        form = {"ask": ask[1], "account": account, "say": "allow" if allow else "deny"}
        back = browser.post(f"{twin}/oauth2/authorize", data=form, allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    place = back.headers["Location"]
    said = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
    return Redirect(place, said.get("code", ""), said.get("state", ""), said.get("error", ""))
