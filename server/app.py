"""The WSGI application of a site."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import admin, api, desk, web
from .site import Site


def create_app(site: Site) -> Flask:
    """A Flask application over an open site: shared plumbing, REST, desk and admin UI."""
    app = Flask("guiju", static_folder=None)
    web.init_app(app, site)
    api.init_app(app)
    desk.init_app(app)
    admin.init_app(app)
    if proxies := site.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return app
