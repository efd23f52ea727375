"""Models: trained on the tenant's examples, compared, put to use, and taken back."""

from __future__ import annotations

from typing import Annotated, Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import ConfigDict, Field

from connector_core.errors import Gone
from connector_core.operations.better import compare, promote_if_better, roll_back
from connector_core.operations.learn import report_of, want
from connector_core.operations.promote import promote
from connector_core.web.api.shapes import At, Body, Shape, When, one, plain, some
from connector_core.web.gate import caller, mine, needs, the_engine

ABOUT = [Tag(name="models", description="Trained, compared, put to use, and taken back.")]


class Training(Body):
    """How to train."""

    risk: Annotated[float | None, Field(gt=0, lt=1, description="share of applied tags that may be wrong")] = None


class Promotion(Body):
    """Whether to look before."""

    if_better: Annotated[bool, Field(description="only if it is at least as good as the one in use")] = False


class Model(Shape):
    """A model: wanted, training, candidate, live, retired or failed."""

    id: str
    number: int
    state: str
    reason: str
    encoder: str
    risk: float
    created: When
    promoted: When


class Models(Shape):
    """Every model, the latest first."""

    items: list[Model]


class Promoted(Shape):
    """Whether a model was put to use, and why."""

    promoted: bool
    reason: str
    model: Model


class Compared(Shape):
    """How a model compares with the one in use."""

    better: bool
    reason: str


class Report(Shape):
    """What the training found out about itself: per group and tag, held out."""

    model_config = ConfigDict(extra="allow")

    risk: float
    groups: list[dict[str, Any]]


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/models", tags=ABOUT, responses={200: Models})
    @needs("read")
    def list_models() -> Any:
        """List the models, the latest first."""
        with mine(only_reads=True) as store:
            return some(Model, store.models.all())

    @api.post("/models", tags=ABOUT, responses={202: Model})
    @needs("teach")
    def train(body: Training) -> Any:
        """Train a model on every example that is known now; until it begins, the same one is meant."""
        with mine() as store:
            made = want(store, the_engine().settings.encoder, risk=body.risk)
            store.access.log(caller().key, "training", made)
            found = store.models.get(made)
        return one(Model, found), 202, {"Location": f"/v1/models/{made}"}

    @api.get("/models/<id:id>", tags=ABOUT, responses={200: Model})
    @needs("read")
    def get_model(path: At) -> Any:
        """A model, and how far it is."""
        with mine(only_reads=True) as store:
            return one(Model, store.models.get(path.id))

    @api.get("/models/<id:id>/report", tags=ABOUT, responses={200: Report})
    @needs("read")
    def get_report(path: At) -> Any:
        """The report of a training."""
        with mine(only_reads=True) as store:
            found = report_of(store, path.id)
        if not found:
            raise Gone("There is no report of this model; its training has not come to an end.")
        return plain(found)

    @api.get("/models/<id:id>/comparison", tags=ABOUT, responses={200: Compared})
    @needs("read")
    def compare_model(path: At) -> Any:
        """Compare a model with the one in use."""
        with mine(only_reads=True) as store:
            return one(Compared, compare(store, path.id))

    @api.post("/models/<id:id>/promote", tags=ABOUT, responses={200: Promoted})
    @needs("admin")
    def promote_model(path: At, body: Promotion) -> Any:
        """Put a model to use: the whole library is judged anew, and hosts get the differences."""
        with mine() as store:
            if body.if_better:
                found = promote_if_better(store, path.id, person=caller().key)
                is_live, reason = found.better, found.reason
            else:
                promote(store, path.id, person=caller().key)
                is_live, reason = True, "You asked for it."
            return one(Promoted, {"promoted": is_live, "reason": reason, "model": store.models.get(path.id)})

    @api.post("/models/rollback", tags=ABOUT, responses={200: Model})
    @needs("admin")
    def roll_back_model() -> Any:
        """Put the model to use again that was in use before this one."""
        with mine() as store:
            return one(Model, roll_back(store, person=caller().key))
