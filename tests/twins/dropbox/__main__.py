"""The twin as a process: ``python -m tests.twins.dropbox --port 9000 --state twin.db``."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.twins.dropbox.twin import Twin


def main() -> None:
    """Serve until interrupted; the first line that is printed says where."""
    read = argparse.ArgumentParser(description="A Dropbox of our own on a loopback port.")
    read.add_argument("--port", type=int, default=0, help="where to listen; 0: anywhere")
    read.add_argument("--state", type=Path, help="the SQLite file that holds everything; without it, memory does")
    read.add_argument("--redirect", action="append", default=[], help="an address that people may be sent back to")
    said = read.parse_args()
    twin = Twin(said.state, port=said.port)
    for url in said.redirect:
        twin.allow_redirect(url)
    print(f"{twin.url} client={twin.client} secret={twin.secret}", flush=True)
    try:
        twin.serve_forever()
    except KeyboardInterrupt:
        twin.close()


if __name__ == "__main__":
    main()
