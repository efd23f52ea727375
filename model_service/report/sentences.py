"""Numbers of a report in plain words: what a merchant reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from model_service.report.report import CurvePoint, GroupReport, Rate, Report, TagReport
from model_service.types import Decision

SPACE = "\N{NARROW NO-BREAK SPACE}"

DECISIONS = {
    Decision.APPLY: ("✓", "Tagged"),
    Decision.REVIEW: ("?", "Asks you"),
    Decision.REJECT: ("\N{EN DASH}", "Unknown"),
}
"""Mark and word on the badge of a decision."""


def percent(share: float) -> str:
    """A share in words that never round something to nothing or nearly all to all."""
    if 0 < share < 0.01:
        return f"under 1{SPACE}%"
    if 0.99 < share < 1:
        return f"over 99{SPACE}%"
    return f"{share * 100:.0f}{SPACE}%"


def in_hundred(share: float) -> str:
    """A small share as a count: 2 in 100, 5 in 1,000."""
    for of in (100, 1000):
        if abs(share * of - round(share * of)) < 1e-9:
            return f"{round(share * of)} in {of:,}"
    return f"{share * 100:.2g} in 100"


def span(rate: Rate) -> str:
    """The range of a rate, rounded outwards: 71 to 79."""
    low, high = math.floor(rate.low * 100 + 1e-9), math.ceil(rate.high * 100 - 1e-9)
    return f"{low}" if low == high else f"{low}\N{EN DASH}{high}"


def shares(group: GroupReport) -> tuple[int, int, int]:
    """Applied, reviewed and rejected in whole percent that sum to 100."""
    exact = [max(0.0, share) * 100 for share in (group.applied, group.reviewed, group.rejected)]
    total = sum(exact)
    if not total:
        return 0, 0, 0
    exact = [share * 100 / total for share in exact]
    whole = [math.floor(share + 1e-9) for share in exact]
    for at in sorted(range(3), key=lambda at: whole[at] - exact[at])[: 100 - sum(whole)]:
        whole[at] += 1
    return whole[0], whole[1], whole[2]


def promises(group: GroupReport) -> bool:
    """Whether the model writes anything by itself in this group."""
    return group.threshold <= 1 and any(tag.promised for tag in group.tags)


def expectation(group: GroupReport) -> str:
    """The first sentence of a group: what to expect on new photos."""
    if not group.top1.of:
        return "There were too few photos to hold any back, so nothing is known yet about new ones."
    return f"On new photos, expect {span(group.top1)} of 100 to be named right."


def work(group: GroupReport) -> str:
    """The second sentence: who does how much."""
    if not promises(group):
        return (
            "Nothing can be promised yet, so it writes nothing by itself: every suggestion waits for your yes. "
            "What helps most is photos of each tag from another day or another place, and your answers in review."
        )
    if not sum(shares(group)):
        return "It writes what it is sure of and asks you about the rest."
    applied, reviewed, rejected = shares(group)
    return (
        f"It tags {applied}{SPACE}% by itself, asks you about {reviewed}{SPACE}%, "
        f"and says unknown to {rejected}{SPACE}%."
    )


def promise(group: GroupReport, risk: float) -> str:
    """The third sentence: what is promised, and what was seen; empty where nothing is."""
    if not promises(group):
        return ""
    error = group.applied_error
    tested = f" When tested, {round(error.value * error.of)} of {error.of:,} were." if error.of else ""
    return f"Of the tags it writes by itself, at most {in_hundred(risk)} are wrong: that is its promise.{tested}"


def gain(curve: Sequence[CurvePoint]) -> str:
    """What the learning curve says about more photos."""
    first, last = curve[-2], curve[-1]
    gained = round((last.top1 - first.top1) * 100)
    step = f"From {first.examples} to {last.examples} examples a tag"
    if gained < 1:
        return f"{step}, nothing more was gained: better pictures of confusable tags help more than more pictures."
    return f"{step}, {gained} more of 100 were named right: a few more examples would still help."


def worst_first(tags: Sequence[TagReport]) -> list[TagReport]:
    """Tags by how much they need attention: unmeasured and unpromised ones, then by photos named right."""
    return sorted(tags, key=lambda tag: (tag.promised, tag.recall.value if tag.recall.of else -1.0, tag.tag))


def day(created: str) -> str:
    """The day of an ISO date as people write it, or the text itself where it is none."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{moment.day} {moment:%B %Y}"


def learned(report: Report) -> str:
    """From how much it learned, all groups together."""
    tags = sum(len(group.tags) for group in report.groups)
    examples = sum(group.examples for group in report.groups)
    return f"learned {count(tags, 'tag')} from {count(examples, 'example')}"


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 photo, 1,204 photos."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def reading(tags: Sequence[TagReport]) -> str:
    """How to read the table of tags, on one of them."""
    waiting = sum(not tag.promised for tag in tags)
    measured = [tag for tag in tags if tag.precision.of and tag.recall.of]
    example = ""
    if measured:
        tag = measured[len(measured) // 2]
        right, so = round(tag.recall.value * 100), round(tag.precision.value * 100)
        example = (
            f"For example: of 100 photos of {isolated(tag.tag)}, {right} are named right; "
            f"of 100 photos it calls {isolated(tag.tag)}, {so} are. "
        )
    if not waiting:
        return example.strip()
    verb, them = ("was", "it") if waiting == 1 else ("were", "them")
    return f"{example}{count(waiting, 'tag')} {verb} seen in one shoot only: it asks you first about {them}."


def isolated(text: str) -> str:
    """A name inside a sentence: quoted, and kept from turning the words around it when it reads right to left."""
    inside = f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
    return f"\N{LEFT DOUBLE QUOTATION MARK}{inside}\N{RIGHT DOUBLE QUOTATION MARK}"


def spoken(curve: Sequence[CurvePoint]) -> str:
    """The learning curve for who cannot see it."""
    return ", ".join(f"{point.examples} examples {percent(point.top1)}" for point in curve)


def tallied(gallery: Sequence[tuple[Decision, int, object]], tagged: int) -> str:
    """How many predictions came to which decision."""
    numbers = {decision: number for decision, number, _ in gallery}
    told = [f"{numbers[decision]:,} {gloss}" for decision, gloss in TALLY.items() if decision in numbers]
    return f"Of {count(tagged, 'answer')}: {', '.join(told)}. Under each: what convinced it, and its second guess."


TALLY = {
    Decision.APPLY: "it tags by itself",
    Decision.REVIEW: "it asks you about",
    Decision.REJECT: "look like none of your tags",
}


def shelf(decision: Decision, number: int) -> str:
    """The heading over the photos of one decision."""
    title = {
        Decision.APPLY: "It tags these by itself",
        Decision.REVIEW: "It asks you about these",
        Decision.REJECT: "Unknown: like none of your tags",
    }[decision]
    return f"{title} ({number:,})"
