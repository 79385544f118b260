"""The WSGI application of a site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import admin, api, desk, web
from .site import Site


class _App(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view of ours is a coroutine; Flask looks at each of ten functions in every request."""
        return func


def create_app(site: Site) -> Flask:
    """A Flask application over an open site: shared plumbing, REST, desk and admin UI."""
    app = _App("guiju", static_folder=None)
    web.init_app(app, site)
    api.init_app(app)
    desk.init_app(app)
    admin.init_app(app)
    if proxies := site.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return app
