"""What the encoder, the way from the file and the index cost, as rows with their bars."""

from __future__ import annotations

from typing import Any

from benchmarks.row import Row, at_least, at_most, skipped

ENCODER_MS, A_SECOND, THROUGHPUT = 8.0, 200.0, 0.9


def compact(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """A photo through the encoder that comes along: on one core, and from files on all."""
    from benchmarks.compact import run

    figures = run()
    if "skipped" in figures:
        return figures, [skipped("compact", figures["skipped"])]
    return figures, [
        at_most("a photo that has been read, to its vector, one core", figures["encode_ms"], ENCODER_MS, "ms"),
        at_least(f"photos a second from files, {figures['cores']} cores", figures["photos_a_second"], A_SECOND, ""),
    ]


def pipeline(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """How much of the bare encoder's throughput is left once files are read as well."""
    from benchmarks.pipeline import run

    figures = run()
    if "skipped" in figures:
        return figures, [skipped("pipeline", figures["skipped"])]
    networks = {name: one for name, one in figures.items() if isinstance(one, dict)}
    rows = [
        at_least(f"{name}: share of the bare encoder's throughput", one["throughput_of_bare"], THROUGHPUT, "")
        for name, one in networks.items()
    ]
    return figures, rows


def index(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """The index in this process against qdrant-client's local mode."""
    from benchmarks.index import run

    figures = run()
    return figures, [
        at_least("putting, times faster than qdrant-client", figures["put_times_faster"], figures["put_bar"], "times"),
        at_least(
            "filtered query, times faster than qdrant-client",
            figures["query_times_faster"],
            figures["query_bar"],
            "times",
        ),
    ]
