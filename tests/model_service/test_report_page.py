"""The report page: true sentences, whole HTML, nothing from outside, whatever the names and however many."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from model_service.report.page import PICTURES, render
from model_service.report.report import Confusion, CurvePoint, Rate, Report, Suspect
from model_service.report.sentences import in_hundred, percent, shares, span, work, worst_first
from model_service.types import WHOLE, Decision, Evidence, Prediction
from tests.model_service import report_sample as sample

VOID = {"meta", "img", "br", "hr", "input", "link"}
EVIL = '<script>alert("x")</script>\'&{{ 7 * 7 }}'


class Page(HTMLParser):
    """Reads a page as a strict browser would: every tag closed in order, every id once."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []
        ids = [values["id"] for _, values in self.tags if "id" in values]
        assert len(ids) == len(set(ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in <{tag}>"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).replace("\u202f", " ").split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [values for name, values in self.tags if name == tag]


@pytest.fixture(scope="module")
def whole() -> str:
    return render(sample.report(), tagged=sample.tagged(), thumbnail=sample.thumbnail)


def test_the_page_opens_with_what_to_expect_and_what_is_promised(whole: str) -> None:
    text = Page(whole).text
    assert "On new photos, expect 71\N{EN DASH}79 of 100 to be named right." in text
    assert "It tags 41 % by itself, asks you about 52 %, and says unknown to 7 %." in text
    assert "at most 2 in 100 are wrong: that is its promise. When tested, 3 of 222 were." in text
    assert text.index("named right.") < text.index("What it says about new photos") < text.index("The risk dial")
    assert text.index("The risk dial") < text.index("Tag by tag") < text.index("Easily confused")


def test_the_page_is_complete_in_itself(whole: str) -> None:
    assert "//" not in re.sub(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", "", whole)
    page = Page(whole)
    assert not {"script", "link", "iframe", "object", "form", "base"} & {tag for tag, _ in page.tags}
    for tag, values in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in values), tag
        assert (values.get("src") or "data:image/jpeg;base64,").startswith("data:image/jpeg;base64,")
        assert "href" not in values
    assert "url(" not in whole
    (policy,) = [values for values in page.all("meta") if values.get("http-equiv") == "Content-Security-Policy"]
    assert (policy["content"] or "").startswith("default-src 'none'; img-src data:; style-src 'sha256-")


def test_every_picture_has_words_and_every_table_a_caption_and_heads(whole: str) -> None:
    page = Page(whole)
    assert all(values.get("alt") for values in page.all("img"))
    assert all(values.get("aria-hidden") or values.get("aria-label") for values in page.all("svg"))
    assert len(page.all("caption")) == len(page.all("table")) > 2
    assert all(values.get("scope") in {"col", "row"} for values in page.all("th"))
    assert len(page.all("h1")) == 1
    assert page.all("html")[0]["lang"] == "en"


def test_decisions_are_told_in_words_and_not_by_colour_alone(whole: str) -> None:
    text = Page(whole).text
    for words in ("✓Tagged", "?Asks you", "\N{EN DASH}Unknown"):
        assert words in text
    assert "It tags these by itself (16)" in text
    assert "Second guess: Satsumas" in text


def test_nothing_promised_is_said_plainly_with_what_to_do() -> None:
    waiting = sample.group(threshold=1.01, applied=0.0, reviewed=0.9, rejected=0.1)
    text = Page(render(sample.report(waiting))).text
    assert "Nothing can be promised yet, so it writes nothing by itself" in text
    assert "photos of each tag from another day" in text
    assert "that is its promise" not in text
    assert "no tag is written by itself yet" in text


def test_a_group_whose_tags_are_all_from_one_shoot_promises_nothing() -> None:
    once = sample.group(tags=tuple(sample.tag(name, promised=False) for name in ("Shell", "Parka")))
    text = Page(render(sample.report(once))).text
    assert "Nothing can be promised yet" in text
    assert "2 tags were seen in one shoot only: it asks you first about them." in text
    assert "Tagged by itself" in text and "asks first" in text


def test_without_held_out_examples_the_page_claims_nothing() -> None:
    blind = sample.group(
        tags=(sample.tag("Shell", of=0), sample.tag("Parka", of=0)),
        top1=sample.NOTHING,
        applied_error=sample.NOTHING,
        applied=0.0,
        reviewed=0.0,
        rejected=0.0,
        dial=(),
        curve=(),
        weights={},
    )
    text = Page(render(sample.report(blind))).text
    assert "nothing is known yet about new ones" in text
    assert text.count("too few to say") == 4
    assert "of 100 to be named right" not in text
    assert "When tested" not in text


def test_a_report_of_nothing_says_what_to_do() -> None:
    page = Page(render(Report("compact", "0", "2026-05-04", risk=0.02, seconds=0.0, groups=())))
    assert "Nothing was learned yet. Put at least five photos of each product into a folder" in page.text


def test_one_tag_is_spoken_of_in_the_singular() -> None:
    text = Page(render(sample.report(sample.group(tags=(sample.tag("Shell", 20),))))).text
    assert "learned 1 tag from 20 examples" in text
    assert "1 tags" not in text


def test_five_hundred_tags_stay_a_page_of_few_pictures_and_few_megabytes() -> None:
    names = [f"Tag {at}" for at in range(500)]
    group = sample.group(
        tags=tuple(sample.tag(name, at % 25) for at, name in enumerate(names)),
        confusions=tuple(Confusion(one, "Tag 0", 0.2, f"{one}/1.jpg", "Tag 0/2.jpg", "") for one in names),
        suspects=tuple(Suspect(f"{one}/3.jpg", one, "Tag 0", 0.9) for one in names),
    )
    tagged = [one for _ in range(40) for one in sample.tagged()]
    html = render(
        sample.report(*[group] * 9, skipped=tuple((f"{at}.jpg", "Empty file.") for at in range(3000))),
        tagged=tagged,
        thumbnail=lambda asset: sample.drawn(len(asset)),
    )
    page = Page(html)
    assert 150 < len(page.all("img")) <= PICTURES
    assert len(html) < 12_000_000
    one = render(sample.report(group), tagged=tagged, thumbnail=lambda asset: sample.drawn(len(asset)))
    assert len(one) < 3_000_000
    for name in names:
        assert f">{name}<" in one
    assert "488 more tags" in Page(one).text
    assert "And 2,000 more, listed in the report's JSON." in page.text


@pytest.mark.parametrize("name", [EVIL, "צבע כחול", "Ärmelloses Kleid 🧥", "x" * 300, " ", "a\x00\udcff\u202eb"])
def test_any_name_is_harmless_and_readable(name: str) -> None:
    group = sample.group(
        name,
        tags=(sample.tag(name, 30), sample.tag("Parka", 2)),
        technique=name,
        weights={name: 1.0},
        confusions=(Confusion(name, name, 0.5, name, name, name),),
        suspects=(Suspect(name, name, name, 0.9),),
    )
    new = Prediction(name, name, name, 0.9, Decision.APPLY, name, Evidence(name, 0.9, WHOLE, name, 0.05))
    report = sample.report(group, sample.group(), skipped=((name, name),), notes=(name,), encoder=name, created=name)
    html = render(report, tagged=[new], thumbnail=lambda asset: b"no picture", title=name)
    page = Page(html)
    html.encode()
    assert "script" not in {tag for tag, _ in page.tags}
    if name.isprintable() and name.strip():
        assert name in page.words


def test_pictures_that_cannot_be_read_leave_words_in_their_place() -> None:
    for thumbnail in (None, lambda asset: None, lambda asset: b"", lambda asset: sample.drawn(1)[:300]):
        page = Page(render(sample.report(), tagged=sample.tagged(), thumbnail=thumbnail))
        assert page.all("img") == []
        assert any("Photo new/Royal Gala/20.jpg" in (span.get("aria-label") or "") for span in page.all("span"))


def test_the_tags_that_need_a_person_come_first() -> None:
    tags = [sample.tag("strong", 25), sample.tag("weak", 1), sample.tag("once", 25, promised=False)]
    assert [tag.tag for tag in worst_first(tags)] == ["once", "weak", "strong"]


def test_several_groups_each_get_their_own_promise() -> None:
    page = Page(render(sample.report(sample.group("product"), sample.group("colourway", threshold=1.5))))
    assert page.text.count("expect 71\N{EN DASH}79 of 100") == 2
    assert page.text.count("Nothing can be promised yet") == page.text.count("that is its promise") == 1


def test_a_curve_that_went_flat_does_not_ask_for_more_photos() -> None:
    flat = sample.group(curve=(CurvePoint(10, 0.75), CurvePoint(20, 0.752)))
    text = Page(render(sample.report(flat))).text
    assert "nothing more was gained" in text
    assert "would still help" not in text


@pytest.mark.parametrize(
    ("share", "said"), [(0, "0 %"), (0.001, "under 1 %"), (0.5, "50 %"), (0.999, "over 99 %"), (1, "100 %")]
)
def test_percent_never_rounds_something_away(share: float, said: str) -> None:
    assert percent(share).replace("\u202f", " ") == said


def test_a_small_risk_is_a_count_people_can_picture() -> None:
    assert [in_hundred(risk) for risk in (0.02, 0.1, 0.005)] == ["2 in 100", "10 in 100", "5 in 1,000"]


def test_ranges_are_rounded_outwards() -> None:
    assert span(Rate(0.75, 0.712, 0.787, 540)) == "71\N{EN DASH}79"
    assert span(Rate(1, 1, 1, 5)) == "100"


@pytest.mark.parametrize("parts", [(1 / 3, 1 / 3, 1 / 3), (0.412, 0.521, 0.067), (1, 0, 0), (0.995, 0.004, 0.001)])
def test_the_three_shares_sum_to_a_hundred(parts: tuple[float, float, float]) -> None:
    applied, reviewed, rejected = parts
    group = sample.group(applied=applied, reviewed=reviewed, rejected=rejected)
    assert sum(shares(group)) == 100
    assert f"{shares(group)[0]}" in work(group)
