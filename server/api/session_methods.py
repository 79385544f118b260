"""Methods about who is asking: sign in, sign out, who am I."""

from __future__ import annotations

from flask import Response, jsonify, request

from .. import web
from ..web.sign_in import COOKIE, give_cookie, take_cookie
from .arguments import Arguments
from .methods import READING, WRITING, method


@method("ping", is_public=True)
def ping(_: Arguments) -> str:
    return "pong"


@method("login", WRITING, is_public=True)
def login(arguments: Arguments) -> Response:
    """A session as the cookie `sid`; `csrf_token` goes into the header X-Frappe-CSRF-Token of every change made with it. Who has an
    authenticator sends its code as `otp`."""
    accounts = web.services().accounts
    token, user = accounts.sign_in(
        arguments.text("usr"),
        arguments.text("pwd"),
        request.remote_addr or "",
        request.headers.get("User-Agent", ""),
        arguments.text("otp"),
    )
    session = accounts.session(token)
    answer = jsonify(message="Logged In", home_page="/", full_name=user.full_name, csrf_token=session.csrf if session else "")
    give_cookie(answer, token)
    return answer


@method("logout", READING, is_public=True)
def logout(_: Arguments) -> Response:
    if token := request.cookies.get(COOKIE):
        web.services().accounts.sign_out(token)
    answer = jsonify(message="Logged Out")
    take_cookie(answer)
    return answer


@method("frappe.auth.get_logged_user")
def logged_user(_: Arguments) -> str:
    return web.current_user().name
