"""The tenant: its name, its language, and the risk that it takes."""

from __future__ import annotations

from typing import Annotated, Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from connector_core.operations.rename import speak
from connector_core.web.api.shapes import Body, Line, Locale, Shape, one
from connector_core.web.gate import caller, mine, needs

ABOUT = [Tag(name="tenant", description="Its name, its language, and the risk that it takes.")]


class TenantChange(Body):
    """What is to be different; what is not named stays."""

    name: Line | None = None
    locale: Annotated[Locale | None, Field(description="in which tags are written to hosts")] = None
    risk: Annotated[float | None, Field(gt=0, lt=1, description="share of applied tags that may be wrong")] = None


class Tenant(Shape):
    """Whose everything is."""

    id: str
    name: str
    locale: str
    risk: float


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/tenant", tags=ABOUT, responses={200: Tenant})
    @needs("read")
    def get_tenant() -> Any:
        """Whose key this is."""
        with mine(only_reads=True) as store:
            return one(Tenant, store.tenant())

    @api.patch("/tenant", tags=ABOUT, responses={200: Tenant})
    @needs("admin")
    def change_tenant(body: TenantChange) -> Any:
        """Change name, language or risk. The risk counts from the next training on."""
        values = {name: value for name, value in body.model_dump().items() if value is not None}
        with mine() as store:
            if values:
                speak(store, values, person=caller().key)
            return one(Tenant, store.tenant())
