"""One line per request in the log, and the request id that ties its lines together.

The id is in every answer (`X-Request-Id`) and on the page of an unexpected error, so that what a person reports can be found.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, TextIO

import orjson
import structlog
from flask import Flask, Response, current_app, g, request

from ..core.ids import new_id
from ..core.metrics import Histogram

log = structlog.get_logger("guiju.request")
TIMES = "guiju_request_times"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def init_app(app: Flask) -> None:
    if not structlog.is_configured():
        configure()
    app.extensions[TIMES] = Histogram(
        "guiju_request_seconds", "How long requests took in this process, by method and class of status."
    )
    app.before_request(_begin)
    app.after_request(_end)


def request_times() -> Histogram:
    """How long the requests of this process took."""
    times: Histogram = current_app.extensions[TIMES]
    return times


def configure(file: TextIO | None = None) -> None:
    """JSON lines on standard error, or in a `file`; readable ones at a terminal. Line breaks in values stay escaped either way."""
    file = file or sys.stderr
    at_terminal = file.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if at_terminal else structlog.processors.JSONRenderer(serializer=line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=file),
        cache_logger_on_first_use=True,
    )


def line(event: Any, **_: Any) -> str:
    """What is told as one line of JSON, whatever it holds."""
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # half a character, an integer of more than 64 bits: whatever went wrong with it has to be told
        return json.dumps(event, default=repr, skipkeys=True)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    is_usable = given.isascii() and given.replace("-", "").isalnum() and len(given) <= 64
    g.request_id = given if is_usable else new_id(16)
    g.started_at = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(answer: Response) -> Response:
    answer.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint not in ("static", "vendor", "health", "metrics"):
        took = time.perf_counter() - g.get("started_at", time.perf_counter())
        method = request.method if request.method in METHODS else "other"  # a stranger's words are no labels
        request_times().observe(took, method=method, status=f"{answer.status_code // 100}xx")
        log.info("request", method=request.method, path=request.path, status=answer.status_code, ms=round(took * 1000, 1))
    return answer
