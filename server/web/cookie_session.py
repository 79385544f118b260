"""Flask's own session, which a few administration pages leave a message in for the next one. Who is signed in stands elsewhere (`sign_in`).

Hardly a request has one: it is looked for and written only then.
"""

from __future__ import annotations

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class RareSessions(SecureCookieSessionInterface):
    """The same as Flask's, without a signature being prepared for a session that nobody has."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session or session.modified or session.accessed:
            super().save_session(app, session, response)
