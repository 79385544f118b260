"""Security headers on every answer. Everything a page loads comes from this server."""

from __future__ import annotations

from flask import Flask, Response, g, request

from .context import services


def init_app(app: Flask) -> None:
    app.after_request(_protect)


def _protect(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", _policy())
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    answer.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    answer.headers.setdefault("Permissions-Policy", "geolocation=(self), microphone=(), camera=(self)")
    if services().settings.secure_cookies:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    answer.headers.setdefault("Cache-Control", "no-store")  # a shared computer shows nothing after signing out
    return answer


def _policy() -> str:
    """Scripts and styles from this server only; Flask-Admin's pages have inline ones, by nonce, and inline style attributes."""
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    inline = " 'unsafe-inline'" if request.path.startswith("/admin") else ""
    return (
        f"default-src 'self'; script-src 'self'{nonce}; style-src 'self'{inline}; img-src 'self' data: blob:; "
        "font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )
