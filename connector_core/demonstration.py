"""What the demo tells: what was learned, what became of the unseen photos, and where the report is."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from connector_core import terminal
from connector_core.operations.demo import Shown, Task
from model_service.types import Decision, Prediction


def show(console: Console, task: Task, shown: Shown) -> None:
    """Everything, in the order in which it happened."""
    terminal.show_report(console, shown.report)
    if task.photos:
        console.print("\n[bold]Photos it had never seen[/bold]")
        terminal.show_predictions(console, shown.tagging.predictions, answers=task.answers)
        console.print(terminal.tally(shown.tagging.predictions) + ".")
        terminal.show_skipped(console, shown.tagging.skipped)
    else:
        console.print('\nPut photos to tag beside the subfolders, or in a folder called "new", and run this again.')
    if task.answers is not None:
        _judge(console, shown.tagging.predictions, task)
    if shown.writing is not None:
        terminal.show_writing(console, shown.writing)
    elif task.photos:
        console.print("This is a dry run: nothing was written into your photos. To write the tags into them:")
        console.print(f'  propernoun tag "{task.root}" --model "{shown.model}" --write', soft_wrap=True, markup=False)
    console.print(f"\n[bold]Report with pictures:[/bold] {escape(str(shown.page))}", soft_wrap=True)


def _judge(console: Console, predictions: tuple[Prediction, ...], task: Task) -> None:
    """Compare with the answers, strangers apart: what was promised is about what was written."""
    answers = task.answers or {}
    applied = [one for one in predictions if one.decision is Decision.APPLY]
    right = sum(one.tag == answers[one.asset] for one in applied)
    asked = [one for one in predictions if one.decision is Decision.REVIEW and answers[one.asset]]
    first = sum(one.tag == answers[one.asset] for one in asked)
    five = sum(answers[one.asset] in [tag for tag, _ in one.candidates] for one in asked)
    strangers = [one for one in predictions if not answers[one.asset]]
    refused = sum(one.decision is Decision.REJECT for one in strangers)
    taken_in = sum(one.decision is Decision.APPLY for one in strangers)
    console.print("\n[bold]Against the answers[/bold]")
    if applied:
        console.print(f"  {right:,} of the {len(applied):,} tags that it gives by itself are right.")
    console.print(
        f"  Of {len(asked):,} products that it asks about, its first suggestion is right for {first:,}, "
        f"one of five for {five:,}.",
        soft_wrap=True,
    )
    if strangers:
        console.print(
            f"  Of {len(strangers):,} photos of strangers, it says unknown to {refused:,}, "
            f"asks about {len(strangers) - refused - taken_in:,} and wrongly tags {taken_in:,}.",
            soft_wrap=True,
        )
