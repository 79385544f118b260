"""`/metrics`: numbers for a monitoring system, in the text format of Prometheus."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from flask import Response, abort, request

from .. import web
from ..core.metrics import CONTENT_TYPE, rendered
from ..web.request_log import request_times

PROXIED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


def metrics() -> Response:
    """For who asks on this machine itself, or knows the setting `metrics_token`; to all others there is no such page."""
    site = web.services()
    if not _is_allowed(site.settings.metrics_token):
        abort(404)
    return Response(rendered([*site.figures.families(), request_times()]), content_type=CONTENT_TYPE)


def _is_allowed(token: str) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token:
        return hmac.compare_digest(given.encode(), token.encode())
    # A proxy on this machine asks from here for everybody: what came through one is not from here.
    return not any(name in request.headers for name in PROXIED) and _is_local(request.remote_addr or "")


def _is_local(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
