"""Security headers on every answer. Everything a page loads comes from this server."""

from __future__ import annotations

from flask import Flask, Response, g, request

from .context import services

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), microphone=(), camera=(self)",
    "Cache-Control": "no-store",  # a shared computer shows nothing after signing out
}
SECURE = {"Strict-Transport-Security": "max-age=31536000"}


def init_app(app: Flask) -> None:
    app.after_request(_protect)


def _protect(answer: Response) -> Response:
    given = {name.lower() for name, _ in answer.headers}
    policy = {"Content-Security-Policy": _policy()} if "content-security-policy" not in given else {}
    secure = SECURE if services().settings.secure_cookies else {}
    for name, value in (ALWAYS | secure | policy).items():
        if name.lower() not in given:
            answer.headers.add(name, value)
    return answer


def _policy() -> str:
    """Scripts and styles from this server only; Flask-Admin's pages have inline ones, by nonce, and inline style attributes."""
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    inline = " 'unsafe-inline'" if request.path.startswith("/admin") else ""
    return (
        f"default-src 'self'; script-src 'self'{nonce}; style-src 'self'{inline}; img-src 'self' data: blob:; "
        "font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )
