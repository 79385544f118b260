"""`/health`: whether this process can serve, for load balancers and `guiju doctor`."""

from __future__ import annotations

from flask import Response, jsonify

from .. import web


def health() -> Response:
    """Ready when the database answers (503 otherwise, by the error answers) and says which metadata is in force."""
    return jsonify(status="ready", database="reachable", metadata_version=web.services().snapshot().version)
