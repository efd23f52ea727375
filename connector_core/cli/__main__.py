"""``python -m connector_core.cli``: the same as the command ``propernoun``."""

from connector_core.cli import main

main()
