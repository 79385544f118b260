"""What the three edges (api, desk, admin) share: the signed-in user, CSRF, language, security headers, error answers."""

from __future__ import annotations

from flask import Flask

from ..site import Site
from . import assets, compression, context, errors, headers, limits, request_log, sign_in
from .context import (
    csp_nonce,
    csrf_token,
    current_user,
    current_user_or_none,
    language,
    login_required,
    services,
    speak,
)
from .cookie_session import RareSessions
from .csv_file import csv_file
from .errors import register_error_page
from .json import OrjsonProvider
from .xlsx_file import xlsx_file

__all__ = [
    "csp_nonce", "csrf_token", "csv_file", "current_user", "current_user_or_none", "init_app", "language", "login_required",
    "register_error_page", "services", "speak", "xlsx_file",
]  # fmt: skip


def init_app(app: Flask, site: Site) -> None:
    """Prepare an application for a site; the edges register their pages after this."""
    app.extensions["guiju"] = site
    app.secret_key = site.settings.secret_key
    app.session_interface = RareSessions()
    app.json = OrjsonProvider(app)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # a record's name may hold slashes, two in a row as well
    headers.init_app(app)
    context.init_app(app)
    request_log.init_app(app)
    limits.init_app(app)
    sign_in.init_app(app)
    errors.init_app(app)
    assets.init_app(app)
    compression.init_app(app)
