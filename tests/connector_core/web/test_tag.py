"""A picture in, its tags with their evidence out."""

from __future__ import annotations

import io

import pytest

from connector_core.operations.look import NO_MODEL, inbox
from connector_core.web.api.look import LARGEST
from tests.connector_core.web.service import COLOURS, Caller, Service, picture


def test_a_picture_is_tagged_while_one_waits(owner: Caller) -> None:
    for name, colour in COLOURS.items():
        answer = owner.tag(picture(colour, 99))
        assert answer.status_code == 200, answer.text
        (said,) = answer.json["predictions"]
        assert (said["tag"]["name"], said["tag"]["group"]) == (name, "colourway")
        assert said["evidence"]["candidates"][0]["tag"] == said["tag"]
        assert said["reason"] and 0 <= said["probability"] <= 1


def test_a_form_is_as_good_as_bare_bytes(owner: Caller) -> None:
    sent = {"picture": (io.BytesIO(picture(COLOURS["Moss Green"], 7)), "moss.jpg")}
    answer = owner("POST", "/v1/tag", data=sent, content_type="multipart/form-data")
    assert answer.json["predictions"][0]["tag"]["name"] == "Moss Green"


def test_one_who_does_not_wait_asks_later(owner: Caller, taught: Service) -> None:
    answer = owner.tag(picture(COLOURS["Ember Red"], 5), wait=0)
    assert answer.status_code in (200, 202)
    taught.rest()
    found = owner.get(answer.headers.get("Location", f"/v1/tag/{answer.json['id']}"))
    assert found.status_code == 200 and found.json["predictions"][0]["tag"]["name"] == "Ember Red"


def test_the_picture_itself_is_thrown_away(owner: Caller, taught: Service) -> None:
    owner.tag(picture(COLOURS["Ember Red"]))
    assert list(inbox(taught.engine, taught.engine.store.tenants()[0]).iterdir()) == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "image/jpeg", 422),
        (b"hello", "image/jpeg", 422),
        (picture((9, 9, 9))[:400], "image/jpeg", 422),
        (b"{}", "application/json", 415),
        (b"--x--", "multipart/form-data; boundary=x", 422),
    ],
)
def test_what_is_no_picture_gets_one_sentence(owner: Caller, content: bytes, kind: str, status: int) -> None:
    answer = owner.tag(content, kind)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json" and answer.json["detail"].endswith(".")


def test_a_picture_that_is_too_large_is_refused(owner: Caller) -> None:
    answer = owner.tag(b"x" * (LARGEST + 20_000))
    assert answer.status_code == 413


def test_without_a_model_it_says_what_is_missing(service: Service, caller: Caller) -> None:
    answer = caller.tag(picture((1, 2, 3)))
    assert answer.status_code == 200 and answer.json["predictions"] == [] and answer.json["reason"] == NO_MODEL
