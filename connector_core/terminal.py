"""What people see in a terminal once something is done: sentences and small tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from model_service.report import sentences
from model_service.report.report import Report
from model_service.types import Decision, Prediction

if TYPE_CHECKING:
    from connector_core.operations.search import Found
    from connector_core.operations.tag import Writing

COLOURS = {Decision.APPLY: "green", Decision.REVIEW: "yellow", Decision.REJECT: "bright_black"}
LINES = 8
"""how many files, pairs or notes are listed before the rest is counted"""


def show_report(console: Console, report: Report) -> None:
    """The report in a few lines: what to expect, who does how much, what is confused, what to know."""
    several = len(report.groups) > 1
    console.print()
    console.print(f"[bold]Propernoun {sentences.learned(report)}.[/bold]")
    for group in report.groups:
        if several:
            console.print(f"\n[bold]{escape(group.group)}[/bold]")
        for sentence in (
            sentences.expectation(group),
            sentences.work(group),
            sentences.promise(group, report.risk),
        ):
            if sentence:
                _say(console, escape(sentence))
        for pair in group.confusions[:3]:
            _say(
                console,
                f"[yellow]Confused:[/yellow] {escape(pair.tag)} is called {escape(pair.mistaken_for)} "
                f"in {sentences.percent(pair.share)} of its photos.",
            )
        for suspect in group.suspects[:3]:
            _say(
                console,
                f"[yellow]Wrong tag?[/yellow] {escape(suspect.asset)} is tagged {escape(suspect.tag)} "
                f"and looks like {escape(suspect.looks_like)}.",
            )
    show_notes(console, report.notes)
    show_skipped(console, report.skipped)


def show_predictions(
    console: Console, predictions: Sequence[Prediction], *, answers: Mapping[str, str] | None = None, most: int = 12
) -> None:
    """A table of at most ``most`` predictions: some of each decision, in proportion, spread over the photos."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Photo", overflow="fold")
    table.add_column("Tag", overflow="fold")
    table.add_column("Sure", justify="right", no_wrap=True)
    table.add_column("What happens", no_wrap=True)
    if answers is not None:
        table.add_column("Truth", overflow="fold")
    for one in _some(predictions, most):
        mark, word = sentences.DECISIONS[one.decision]
        colour = COLOURS[one.decision]
        row = [
            escape(one.asset),
            escape(one.tag) if one.decision is not Decision.REJECT else "",
            sentences.percent(one.probability) if one.decision is not Decision.REJECT else "",
            f"[{colour}]{mark} {word}[/{colour}]",
        ]
        if answers is not None:
            row.append(_truth(one, answers.get(one.asset, "")))
        table.add_row(*row)
    console.print(table)
    if len(predictions) > most:
        console.print(f"  ... and {len(predictions) - most:,} more.", style="bright_black")


def show_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """The measures of an evaluation, one column for each number of examples."""
    times = "once" if result["repeats"] == 1 else f"mean of {result['repeats']} draws"
    console.print(
        f"\n[bold]{escape(result['encoder'])}[/bold]: {sentences.count(result['tags'], 'tag')}, judged on "
        f"{sentences.count(result['judged'], 'photo')}, {times}, risk {sentences.percent(result['risk'])}"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Examples a tag", no_wrap=True)
    for row in result["results"]:
        table.add_column(str(row["shots"]), justify="right", no_wrap=True)
    for name, show in MEASURES:
        table.add_row(name, *(show(row) for row in result["results"]))
    console.print(table)
    show_notes(console, result["notes"])
    show_skipped(console, [(one["path"], one["reason"]) for one in result["skipped"]])


def show_notes(console: Console, notes: Sequence[str]) -> None:
    """Sentences that a person should know."""
    for note in notes[:LINES]:
        _say(console, f"[cyan]Note:[/cyan] {escape(note)}")
    if len(notes) > LINES:
        console.print(f"  ... and {len(notes) - LINES:,} more notes in the report.")


def show_skipped(console: Console, skipped: Sequence[tuple[str, str]], *, title: str = "could not be used") -> None:
    """Files that were left out, each with its reason."""
    if not skipped:
        return
    console.print(f"  [yellow]{sentences.count(len(skipped), 'photo')} {title}:[/yellow]")
    for path, reason in skipped[:LINES]:
        console.print(f"    {escape(path)}: {escape(reason)}", soft_wrap=True)
    if len(skipped) > LINES:
        console.print(f"    ... and {len(skipped) - LINES:,} more.")


def show_writing(console: Console, writing: Writing) -> None:
    """What became of the files."""
    console.print(
        f"Keywords changed in {sentences.count(writing.changed, 'file')}, {writing.unchanged:,} needed no change."
    )
    if writing.respected:
        console.print(f"{sentences.count(writing.respected, 'tag')} that somebody had removed stayed removed.")
    show_skipped(console, writing.failed, title="could not be written")


def show_hits(console: Console, found: Found, limit: int) -> None:
    """The photos that were found, one a line."""
    for hit in found.hits[:limit]:
        console.print(f"{escape(hit.asset)}  [bright_black]{escape(hit.why)}[/bright_black]", soft_wrap=True)
    if not found.hits:
        console.print("No photo was found.")
    elif len(found.hits) > limit:
        console.print(f"... and {len(found.hits) - limit:,} more; --limit shows them.", style="bright_black")
    show_skipped(console, found.skipped, title="could not be searched")


def tally(predictions: Sequence[Prediction]) -> str:
    """How many of each decision, in words."""
    counts = {decision: sum(one.decision is decision for one in predictions) for decision in Decision}
    return (
        f"{sentences.count(len({one.asset for one in predictions}), 'photo')}: "
        f"[green]{counts[Decision.APPLY]:,} tagged[/green], [yellow]{counts[Decision.REVIEW]:,} to ask you[/yellow], "
        f"{counts[Decision.REJECT]:,} unknown"
    )


def _say(console: Console, text: str) -> None:
    """A sentence, all its lines set in by two."""
    console.print(
        Padding(text, (0, 0, 0, 2)) if console.is_terminal else f"  {text}", soft_wrap=not console.is_terminal
    )


def _some(predictions: Sequence[Prediction], most: int) -> list[Prediction]:
    """At most ``most``, evenly spread over all, in the order apply, review, reject."""
    order = list(Decision)
    ranked = sorted(predictions, key=lambda one: order.index(one.decision))
    if len(ranked) <= most:
        return ranked
    return [ranked[at * len(ranked) // most] for at in range(most)]


def _truth(one: Prediction, answer: str) -> str:
    right = one.tag == answer if one.decision is not Decision.REJECT else not answer
    name = escape(answer) or "[italic]a stranger[/italic]"
    return f"[green]✓[/green] {name}" if right else f"[red]✗[/red] {name}"


def _share(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value * 100:.1f} %"


def _promised(row: Mapping[str, Any]) -> str:
    low, high = row["promised_top1"]
    return "\N{EN DASH}" if low is None else f"{low * 100:.0f} to {high * 100:.0f} %"


def _area(row: Mapping[str, Any]) -> str:
    return "\N{EN DASH}" if row["unknown_auroc"] is None else f"{row['unknown_auroc']:.3f}"


MEASURES: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("Best tag is right", lambda row: _share(row["top1"])),
    ("  as promised from the examples", _promised),
    ("Right one among the best five", lambda row: _share(row["top5"])),
    ("Tagged without asking", lambda row: _share(row["applied"])),
    ("  of these wrong", lambda row: _share(row["applied_error"])),
    ("  at most, 95 % sure, all draws", lambda row: _share(row["applied_error_upper"])),
    ("Probabilities are off by (ECE)", lambda row: _share(row["ece"])),
    ("Known against unknown (AUROC)", _area),
    ("Unknown photos wrongly tagged", lambda row: _share(row["unknown_applied"])),
    ("Training, seconds", lambda row: f"{row['train_seconds']:.2f}"),
    ("Reading a photo, ms", lambda row: f"{row['ms']['decode']:.1f}"),
    ("Encoding it, ms", lambda row: f"{row['ms']['encode']:.1f}"),
    ("Scoring it, ms", lambda row: f"{row['ms']['score']:.2f}"),
)
