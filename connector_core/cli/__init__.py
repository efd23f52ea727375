"""The command line: it reads arguments, calls one operation, and shows what came out."""

from __future__ import annotations

from typing import Any

import click

from connector_core.cli import learning, service, tagging
from model_service.errors import TaggingError

REFUSED, STOPPED = 2, 130


class Spoken(click.Group):
    """Commands whose refusals are one sentence, and that stop without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exits with 2 where it was refused, with 130 where a person stopped it."""
        try:
            return super().invoke(ctx)
        except TaggingError as error:
            _refuse(str(error))
            ctx.exit(REFUSED)
        except OSError as error:
            if error.filename is None or error.strerror is None:
                raise
            _refuse(f"{error.filename}: {error.strerror}.")
            ctx.exit(REFUSED)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(STOPPED)


@click.group(cls=Spoken, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="propernoun")
def main() -> None:
    """Tag photos with your own product names: train on a few examples of each, tag the rest."""


LEARNING = (learning.demo, learning.train, learning.evaluate, learning.report)
TAGGING = (tagging.tag, tagging.untag, tagging.search)
SERVICE = (
    service.serve, service.worker, service.alive, service.tenant, service.key, service.connect, service.secret,
)  # fmt: skip
for _command in (*LEARNING, *TAGGING, *SERVICE):
    main.add_command(_command)


def _refuse(sentence: str) -> None:
    click.secho(sentence, fg="red", err=True)
