"""Examples: assets that show a tag, or do not; what the model learns from."""

from __future__ import annotations

from typing import Annotated, Any

from flask import request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field
from werkzeug.exceptions import UnsupportedMediaType

from connector_core.operations.teach import forget, teach, teach_table
from connector_core.web.api.cursors import pack, unpack
from connector_core.web.api.shapes import At, Body, Known, MaybeLine, Pages, Shape, When, nothing, one, some
from connector_core.web.gate import caller, mine, needs, the_engine
from model_service.errors import Refuse

ABOUT = [Tag(name="examples", description="What the model learns from.")]
TABLE = 5_000_000
"""bytes of a table"""
CSV = {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}


class ExampleWish(Body):
    """An example to be learned."""

    asset: Known
    tag: Known
    yes: Annotated[bool, Field(description="false: the asset does not show the tag")] = True
    shoot: Annotated[MaybeLine, Field(description="what it was taken together with")] = ""


class Listed(Pages):
    """Which examples."""

    tag: Known | None = None
    asset: Known | None = None


class Example(Shape):
    """An asset that shows a tag, or does not."""

    id: str
    asset: str
    tag: str
    yes: bool
    source: str
    shoot: str
    created: When


class Examples(Shape):
    """A page of examples."""

    items: list[Example]
    next: str | None


class Trouble(Shape):
    """A line that could not be used."""

    line: int
    reason: str


class Imported(Shape):
    """What became of a table."""

    lines: int
    added: int
    known: int
    failed: int
    problems: list[Trouble]
    """the first hundred"""


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/examples", tags=ABOUT, responses={200: Examples})
    @needs("read")
    def list_examples(query: Listed) -> Any:
        """List examples, the oldest first; of a tag or of an asset, if asked."""
        with mine(only_reads=True) as store:
            if query.tag:
                store.vocabulary.one(query.tag)
            if query.asset:
                store.assets.one(query.asset)
            (after,) = unpack(query.cursor, (str,)) or ("",)
            found = store.lists.examples(after, query.limit, tag=query.tag or "", asset=query.asset or "")
        return some(Example, found, pack(found[-1]["id"]) if len(found) == query.limit else "")

    @api.post("/examples", tags=ABOUT, responses={200: Example, 201: Example})
    @needs("teach")
    def add_example(body: ExampleWish) -> Any:
        """Add an example; 200: it was known. A no takes a yes back, and the reverse."""
        with mine() as store:
            is_new = teach(store, body.asset, body.tag, yes=body.yes, person=caller().key, shoot=body.shoot)
            (found,) = [row for row in store.examples.all(asset=body.asset) if row["tag"] == body.tag]
        return one(Example, found), 201 if is_new else 200

    @api.delete("/examples/<id:id>", tags=ABOUT, responses={204: None})
    @needs("teach")
    def remove_example(path: At) -> Any:
        """Take an example back; the model forgets it, exactly."""
        with mine() as store:
            row = store.lists.example(path.id)
            forget(store, row["asset"], row["tag"], person=caller().key)
        return nothing()

    @api.post(
        "/examples/import", tags=ABOUT, responses={200: Imported}, openapi_extensions={"requestBody": CSV}
    )  # fmt: skip
    @needs("teach", largest=TABLE)
    def import_examples() -> Any:
        """Learn a CSV table with the columns path or name, tag or sku, and if you like group and shoot."""
        if request.mimetype != "text/csv":
            raise UnsupportedMediaType("Send the table as text/csv.")
        try:
            text = request.get_data(cache=False).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refuse("The table is not UTF-8; save it as CSV UTF-8.") from error
        if "\0" in text:
            raise Refuse("The table has bytes that are no text.")
        done = teach_table(the_engine(), caller().tenant, text, person=caller().key)
        problems = [Trouble(line=line, reason=reason) for line, reason in done.problems]
        told = {name: getattr(done, name) for name in ("lines", "added", "known", "failed")}
        return one(Imported, {**told, "problems": problems})
