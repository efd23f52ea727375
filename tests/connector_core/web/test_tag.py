"""A picture in, its tags with their evidence out."""

from __future__ import annotations

import io
import os
import time

import pytest
from sqlalchemy import update

from connector_core.operations.look import NO_MODEL, inbox
from connector_core.queue.job import Job
from connector_core.store.looks import KEPT, LOST, MOST, TRIES
from connector_core.store.scope import fresh
from connector_core.store.tables import looks
from connector_core.sweep import sweep
from connector_core.web.api.look import LARGEST
from connector_core.worker import do
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


def test_too_many_that_wait_are_told_to_come_later(service: Service, tenant: str, caller: Caller) -> None:
    with service.engine.store.tenant(tenant) as mine:
        for _ in range(MOST):
            mine.looks.add(fresh())
    answer = caller.tag(picture((1, 2, 3)))
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert list(inbox(service.engine, tenant).iterdir()) == []


def test_a_picture_whose_job_was_lost_is_found_by_the_sweep(service: Service, tenant: str, caller: Caller) -> None:
    look = waiting(service, tenant, since=LOST + 1)
    sweep(service.engine)
    service.rest()
    assert caller.get(f"/v1/tag/{look}").status_code == 200


def test_a_picture_that_kills_its_workers_is_given_up(service: Service, tenant: str, caller: Caller) -> None:
    look = waiting(service, tenant)
    with service.engine.store.tenant(tenant) as mine:
        assert all(mine.looks.begin(look) for _ in range(TRIES))
    do(service.engine, Job("look", tenant, (look,)))
    answer = caller.get(f"/v1/tag/{look}")
    assert answer.status_code == 422 and "could not be looked at" in answer.json["detail"]


def test_after_an_hour_nothing_is_left(service: Service, tenant: str, caller: Caller) -> None:
    look = waiting(service, tenant, since=KEPT + 1)
    assert caller.get(f"/v1/tag/{look}").status_code == 404
    orphan = inbox(service.engine, tenant) / fresh()
    orphan.write_bytes(b"x")
    os.utime(orphan, (0, 0))
    do(service.engine, Job("forget", tenant))
    assert list(inbox(service.engine, tenant).iterdir()) == []
    with service.engine.store.tenant(tenant) as mine:
        assert mine.looks.past() == []


def waiting(service: Service, tenant: str, since: float = 0.0) -> str:
    """A picture that waits, and whose job was lost."""
    look = fresh()
    place = inbox(service.engine, tenant) / look
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(picture((1, 2, 3)))
    with service.engine.store.tenant(tenant) as mine:
        mine.looks.add(look)
    with service.engine.store.engine.begin() as connection:
        connection.execute(update(looks).where(looks.c.id == look).values(created=time.time() - since))
    return look
