"""Logs as lines of JSON: who it was for and in which request or job, and never a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TextIO

_bound: ContextVar[Mapping[str, str]] = ContextVar("bound", default=MappingProxyType({}))

_SECRETS = (
    (re.compile(r"\bpn_[\w-]{8,}"), "pn_***"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), r"\1 ***"),
    (
        re.compile(
            r"(\\?[\"']?\b(?:\w+_)?(?:token|secret|password|assertion|verifier|authorization|code|signature)\b"
            r"\\?[\"']?\s*[=:]\s*\\?[\"']?)(?!(?:bearer|basic) \*)[^\s&\"'\\,;)}]+",
            re.IGNORECASE,
        ),
        r"\1***",
    ),
    (re.compile(r"(\w://[^\s:/@]*:)[^\s@/]+@"), r"\1***@"),
)
"""what secrets look like in a text, should one ever get there"""


@contextmanager
def bound(**ids: str) -> Iterator[None]:
    """What is logged within carries these ids, and nothing after does."""
    token = _bound.set({**_bound.get(), **ids})
    try:
        yield
    finally:
        _bound.reset(token)


def begin(**ids: str) -> None:
    """From here on these ids and no others: a request comes or goes."""
    _bound.set(ids)


def bind(**ids: str) -> None:
    """Add ids to those of the request that is being answered."""
    _bound.set({**_bound.get(), **ids})


def masked(text: str) -> str:
    """The text without anything that looks like a secret."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class Lines(logging.Formatter):
    """A record as one line of JSON: time, level, where it comes from, message, and the ids that are bound."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        said = {
            "time": f"{when}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "from": record.name,
            "message": masked(record.getMessage()),
            **_bound.get(),
        }
        if record.exc_info:
            said["error"] = masked(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


def write_logs(to: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Have everything that is logged written as lines of JSON, to standard error unless said otherwise."""
    handler = logging.StreamHandler(to or sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=level, force=True)
