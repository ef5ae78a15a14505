"""For load balancers: alive, and ready."""

from flask import Blueprint, Response

from petition.queries import health

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> Response:
    """The database answers and has the schema this code needs."""
    problem = health.problem()
    return Response(f"{problem or 'ok'}\n", status=503 if problem else 200, mimetype="text/plain")
