"""The report of one group: what to expect on new photos, what to mend, what to shoot next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model_service.decide import DELTA, NEVER, bounds
from model_service.model import GroupModel
from model_service.recognizers.moments import Floats
from model_service.report.report import Confusion, CurvePoint, GroupReport, Rate, Suspect, TagReport
from model_service.training.calibrate import calibration_error
from model_service.training.dial import threshold_of
from model_service.training.held import Held
from model_service.training.select import Choice
from model_service.training.split import BRACKET
from model_service.types import Example

RISKS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
MOST = 20
"""rows of the lists of confusions and suspects"""
SURE = 0.8
"""held-out probability of another tag from which an example is suspected to be mislabelled"""


def rate(hits: int, of: int) -> Rate:
    """A share with its interval; of nothing it is 0 in [0, 1]."""
    low, high = bounds(hits, of, DELTA)
    return Rate(hits / of if of else 0.0, low, high, of)


def audit(
    part: GroupModel,
    held: Held,
    examples: Sequence[Example],
    order: Sequence[str],
    choice: Choice,
    curve: Sequence[CurvePoint],
    strangers: Floats,
) -> tuple[GroupReport, list[str]]:
    """The report of a group, and sentences for people about it.

    ``curve`` is what fewer examples give, ``strangers`` how sure it is of tags that were left out.
    """
    dial = part.dial
    proven = np.array([tag not in part.unproven | part.doubted for tag in order], bool)
    rejected = (held.relative < dial.strange) | (held.distance > dial.far)
    applied = (held.sure >= dial.threshold) & ~rejected
    applied &= proven[held.best] if len(held.best) else applied
    # The bracket's pessimistic split decides what people are told about single tags.
    told = held.split == 0
    counted = held.counted
    tags = tuple(_tag(tag, place, part, held, told, applied, examples) for place, tag in enumerate(order))
    report = GroupReport(
        group=part.name,
        tags=tags,
        examples=len(examples),
        top1=_bracket(held),
        technique=_technique(part, choice),
        weights={block.name: weight for block, weight in zip(part.visual.blocks, choice.weights, strict=True)},
        shrinkage=choice.shrinkage,
        threshold=dial.threshold,
        applied=_share(applied[counted]),
        reviewed=_share((~applied & ~rejected)[counted]),
        rejected=_share(rejected[counted]),
        applied_error=rate(int((applied & ~held.right & counted).sum()), int((applied & counted).sum())),
        calibration_error=calibration_error(held.sure[counted], held.right[counted]),
        dial=tuple(_setting(held, strangers, risk) for risk in RISKS),
        confusions=_confusions(held, told, examples, order, part),
        suspects=_suspects(held, examples, order),
        curve=_curve(curve, examples, held),
    )
    return report, _notes(part, held, order)


def _share(mask: np.typing.NDArray[np.bool_]) -> float:
    return float(mask.mean()) if len(mask) else 0.0


def _bracket(held: Held) -> Rate:
    """The ends are the pessimistic and the optimistic split; the value is their middle."""
    ends = [held.accuracy(split) for split in range(len(BRACKET))]
    known = [end for end in ends if np.isfinite(end)]
    if not known:
        return Rate(0.0, 0.0, 1.0, 0)
    return Rate(float(np.mean(known)), min(known), max(known), int((held.split == 0).sum()))


def _setting(held: Held, strangers: Floats, risk: float) -> tuple[float, float, float]:
    threshold = threshold_of(held, strangers, risk)
    return risk, _share(held.sure[held.counted] >= threshold), threshold


def _technique(part: GroupModel, choice: Choice) -> str:
    shares = sorted(zip(choice.weights, part.visual.blocks, strict=True), key=lambda pair: -pair[0])
    heard = ", ".join(f"{block.name} {weight:.0%}" for weight, block in shares)
    return f"Shrinkage discriminant (shrinkage {choice.shrinkage:g}); on held-out examples it listens to {heard}."


def _tag(
    tag: str,
    place: int,
    part: GroupModel,
    held: Held,
    told: np.typing.NDArray[np.bool_],
    applied: np.typing.NDArray[np.bool_],
    examples: Sequence[Example],
) -> TagReport:
    own = [example for example in examples if example.tag == tag]
    shoots = len({example.shoot for example in own if example.shoot}) or min(BRACKET[0], len(own))
    named, mine = told & (held.best == place), told & (held.truth == place)
    recall = rate(int((mine & held.right).sum()), int(mine.sum()))
    if tag in part.unproven:
        advice = "Add photos from another day or place: all of its examples come from one shoot."
    elif tag in part.doubted:
        advice = "It is wrong too often to be written without asking: add close-ups of what tells it from its like."
    elif len(own) < 5:
        advice = f"Add examples: {len(own)} are few, 5 to 20 from several shoots are good."
    elif recall.of and recall.value < 0.6:
        advice = "Add photos that show it in other light, from other sides and on other backgrounds."
    else:
        advice = ""
    return TagReport(
        tag=tag,
        examples=len(own),
        shoots=shoots,
        precision=rate(int((named & held.right).sum()), int(named.sum())),
        recall=recall,
        applied=_share(applied[mine]),
        reviewed=_share(~applied[mine]),
        promised=tag not in part.unproven and part.dial.threshold < NEVER,
        advice=advice,
    )


def _confusions(
    held: Held, told: np.typing.NDArray[np.bool_], examples: Sequence[Example], order: Sequence[str], part: GroupModel
) -> tuple[Confusion, ...]:
    pairs: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(told & ~held.right):
        pairs.setdefault((int(held.truth[row]), int(held.best[row])), []).append(int(held.rows[row]))
    totals = np.bincount(held.truth[told], minlength=len(order))
    ranked = sorted(pairs.items(), key=lambda item: -len(item[1]) / totals[item[0][0]])
    found = []
    for (truth, best), rows in ranked[:MOST]:
        shown = examples[rows[0]].features.vectors[0]
        others = [place for place, example in enumerate(examples) if example.tag == order[best]]
        near = [float(examples[row].features.vectors[0] @ shown) for row in others]
        found.append(
            Confusion(
                tag=order[truth],
                mistaken_for=order[best],
                share=len(rows) / int(totals[truth]),
                example=examples[rows[0]].asset,
                resembles=examples[others[int(np.argmax(near))]].asset,
                advice=f"Add close-ups of what tells {order[truth]} from {order[best]}, or tag what they share.",
            )
        )
    return tuple(found)


def _suspects(held: Held, examples: Sequence[Example], order: Sequence[str]) -> tuple[Suspect, ...]:
    """Examples that every split calls another tag with much certainty."""
    found: dict[int, list[int]] = {}
    for row in range(len(held.rows)):
        found.setdefault(int(held.rows[row]), []).append(row)
    suspects = []
    for example, rows in found.items():
        names = {int(held.best[row]) for row in rows}
        sure = float(min(held.sure[row] for row in rows))
        if len(names) == 1 and not held.right[rows[0]] and sure >= SURE:
            shown = examples[example]
            suspects.append(Suspect(shown.asset, shown.tag, order[names.pop()], sure))
    return tuple(sorted(suspects, key=lambda suspect: -suspect.probability)[:MOST])


def _curve(points: Sequence[CurvePoint], examples: Sequence[Example], held: Held) -> tuple[CurvePoint, ...]:
    """What fewer examples gave, up to what all of them give."""
    counts = np.unique([example.tag for example in examples], return_counts=True)[1]
    usual, top1 = int(np.median(counts)), _bracket(held)
    fewer = tuple(point for point in points if point.examples < usual)
    return (*fewer, CurvePoint(usual, top1.value)) if top1.of else ()


def _notes(part: GroupModel, held: Held, order: Sequence[str]) -> list[str]:
    notes = []
    if part.unproven:
        names = ", ".join(sorted(part.unproven)[:5]) + (" ..." if len(part.unproven) > 5 else "")
        notes.append(
            f"{len(part.unproven)} of {len(order)} tags come from a single shoot and wait for review: {names}."
        )
    if part.dial.threshold >= NEVER:
        count = int((held.split == 0).sum())
        notes.append(
            f"With {count} held-out examples in {part.name} no threshold can promise this risk yet: everything goes to "
            "review. More examples from more shoots, or a larger risk, change that."
        )
    return notes
