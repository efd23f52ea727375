"""Serve: the web process, and in a service of one process also its jobs, until somebody asks it to stop."""

from __future__ import annotations

import contextlib
import logging
import signal
from types import FrameType

from waitress.server import BaseWSGIServer, create_server

from connector_core.alone import alone
from connector_core.engine import Engine
from connector_core.settings import Settings
from connector_core.sweep import Sweeper
from connector_core.web.app import create_app
from connector_core.worker import do
from model_service.errors import Misconfigured

log = logging.getLogger(__name__)

THREADS = 12
"""requests that are answered at once"""
LARGEST = 64 * 2**20
"""bytes of a request, whatever its route; most routes take far less"""

FORWARDED = "x-forwarded-for x-forwarded-proto x-forwarded-host"


def serve(settings: Settings, *, host: str, port: int, proxy: str = "") -> None:
    """Answer until SIGTERM or SIGINT; then finish what is being answered and done, and end.

    ``proxy`` is the address of a reverse proxy whose X-Forwarded headers are believed; nobody else's are. Raises
    Misconfigured where the port is taken, or where another service without Redis works in the same data folder.
    """
    with contextlib.ExitStack() as held:
        if not settings.redis:
            held.enter_context(alone(settings.data))
        engine = Engine(settings, do)
        held.callback(engine.close)
        server = _listen(engine, host, port, proxy)
        sweeper = Sweeper(engine)
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, _stop)
        if engine.threads is not None:
            engine.store.take_over()
            engine.threads.start()
        sweeper.start()
        held.callback(sweeper.stop)
        log.info("listening on http://%s:%d", host, port)
        server.run()
    log.info("stopped")


def _listen(engine: Engine, host: str, port: int, proxy: str) -> BaseWSGIServer:
    forwarded = {"trusted_proxy": proxy, "trusted_proxy_headers": FORWARDED} if proxy else {}
    try:
        return create_server(
            create_app(engine),
            host=host,
            port=port,
            threads=THREADS,
            max_request_body_size=LARGEST,
            ident=None,
            clear_untrusted_proxy_headers=True,
            **forwarded,
        )
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise Misconfigured(f"Nobody can listen on {host}, port {port}: {reason}.") from error


def _stop(number: int, frame: FrameType | None) -> None:
    # The server ends its loop on this, after the answers that are being given.
    raise SystemExit(0)
