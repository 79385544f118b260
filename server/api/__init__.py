"""REST in the words of Frappe's first version, so that its clients work: `/api/resource`, `/api/method`; and `/health`, `/metrics`.

A view parses, calls one service, chooses the answer and renders it. Who asks, CSRF, limits and error answers are `web`'s.
"""

from __future__ import annotations

from flask import Flask

from . import (  # noqa: F401  (they enter themselves into the table of methods)
    beside_methods,
    bulk_methods,
    client_methods,
    export_method,
    import_methods,
    owed_methods,
    report_methods,
    rule_methods,
    session_methods,
    share_methods,
    signing_methods,
    site_methods,
    view_methods,
    workflow_methods,
)
from .health import health
from .methods import methods
from .metrics import metrics
from .resources import resources


def init_app(app: Flask) -> None:
    """Put the API into the application; `web` must be there already."""
    app.register_blueprint(resources)
    app.register_blueprint(methods)
    app.add_url_rule("/health", "health", health)
    app.add_url_rule("/metrics", "metrics", metrics)
