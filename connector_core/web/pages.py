"""Pages for people: plain ones, for the ways into and out of the service. They bring nothing from outside."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from connector_core.errors import Gone
from model_service.errors import TaggingError

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' https:; "
    "frame-ancestors 'none'; base-uri 'none'"
)

pages = Blueprint("pages", __name__, url_prefix="/pages", template_folder="templates", static_folder="static")


def show(page: str, status: int = 200, **values: object) -> Response:
    """A page of ``templates/``."""
    answer = make_response(render_template(page, **values), status)
    answer.headers["Content-Security-Policy"] = CSP
    return answer


def tell_people(blueprint: Blueprint) -> None:
    """Have what goes wrong on the pages of a blueprint said on a page."""

    @blueprint.errorhandler(TaggingError)
    def tell(error: TaggingError) -> Response:
        return show("problem.html", 404 if isinstance(error, Gone) else 400, problem=str(error))
