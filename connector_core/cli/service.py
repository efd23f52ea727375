"""The commands of the service: serve, work, and who may call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector_core.cli.options import read_settings

if TYPE_CHECKING:
    from connector_core.store.store import Store

SCOPES = ("read", "tag", "teach", "admin")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, help="Port to listen on.")
@click.option("--proxy", default="", help="Address of the reverse proxy in front, whose X-Forwarded headers count.")
def serve(host: str, port: int, proxy: str) -> None:
    """Run the service: the API, webhooks and, without Redis, all jobs."""
    from connector_core import serve as service
    from connector_core.logs import write_logs

    write_logs()
    service.serve(read_settings(), host=host, port=port, proxy=proxy)


@click.command()
@click.argument("kind", type=click.Choice(["io", "model"]))
def worker(kind: str) -> None:
    """Do jobs from Redis: io (hosts) or model (pictures)."""
    from connector_core.logs import write_logs
    from connector_core.queue.work import work

    write_logs()
    work(read_settings(), kind)


@click.command()
def alive() -> None:
    """Exit with 0 if a worker of this machine is at work or waits for jobs: for health checks."""
    from connector_core.queue.work import is_alive

    raise SystemExit(0 if is_alive(read_settings()) else 1)


@click.command()
@click.argument("name")
@click.option("--locale", default="en", show_default=True, help="Language in which tags are written to hosts.")
def tenant(name: str, locale: str) -> None:
    """Add a tenant; prints its id and a first key for the API, which is shown only once."""
    store = _store()
    made = store.add(name, locale=locale)
    with store.tenant(made) as mine:
        _, text = mine.access.issue("first key", ["admin"])
        mine.access.log("", "tenant added", made)
    click.echo(f"tenant {made}\nkey    {text}")


@click.command()
@click.argument("tenant")
@click.argument("title")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="What it may do.")
def key(tenant: str, title: str, scopes: tuple[str, ...]) -> None:
    """Issue a key for the API; it is shown only once."""
    with _store().tenant(tenant) as mine:
        made, text = mine.access.issue(title, scopes)
        mine.access.log("", "key issued", made, {"title": title, "scopes": list(scopes)})
    click.echo(text)


@click.command()
@click.argument("tenant")
@click.argument("host")
@click.option("--path", default="", help="Of a folder on this machine.")
def connect(tenant: str, host: str, path: str) -> None:
    """Connect a tenant to a host: a folder at once, any other by a link for a person's browser."""
    from connector_core.operations.connect import connect_folder
    from connector_core.web.connect import authorize_url
    from connector_core.worker import do

    settings = read_settings()
    from connector_core.engine import Engine

    engine = Engine(settings, do)
    try:
        if host == "folder":
            click.echo(f"connection {connect_folder(engine, tenant, path)}")
        else:
            click.echo(f"Open this in a browser within 15 minutes:\n{authorize_url(engine, tenant, host, {})}")
    finally:
        engine.close()


@click.command()
@click.option("--reseal", is_flag=True, help="Seal every stored token with the first key instead.")
def secret(reseal: bool) -> None:
    """Make a key for PROPERNOUN_SECRETS, which seals stored tokens; or change over to a new one."""
    from connector_core.vault import fresh_key

    if not reseal:
        click.echo(fresh_key())
        return
    from connector_core.engine import Engine
    from connector_core.operations.reseal import reseal_all
    from connector_core.worker import do

    engine = Engine(read_settings(), do)
    try:
        click.echo(f"Stored tokens that the first key seals now: {reseal_all(engine)}")
    finally:
        engine.close()


def _store() -> Store:
    from connector_core.engine import Engine
    from connector_core.worker import do

    return Engine(read_settings(), do).store
