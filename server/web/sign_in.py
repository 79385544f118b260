"""Whose request it is: the session's cookie or an API key, read before each request; and changes that others forged refused.

A change made with the cookie must carry the session's CSRF token, and no change may come from another site's page (that also
covers the sign-in form, which has no session yet). Programs with an API key send no cookie and need neither.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request
from structlog.contextvars import bind_contextvars

from ..core.errors import NotSignedIn, PermissionRefused
from ..core.text import Text
from .context import LANGUAGE_COOKIE, services

COOKIE = "sid"
CSRF_HEADERS = ("X-Frappe-CSRF-Token", "X-CSRF-Token")
CSRF_FIELD = "csrf_token"
SAFE = {"GET", "HEAD", "OPTIONS"}
SIGN_IN_PATHS = ("/login", "/api/method/login")  # signing in anew needs no token of the session it replaces
PASSIVE_PATHS = ("/notifications/news",)  # asked by pages that are left open: it keeps no session alive
PUBLIC_ENDPOINTS = ("static", "vendor")  # the same for everybody: nobody needs to be looked up


class CsrfRefused(PermissionRefused):
    """A change without the page's token: another site may be behind it, or the session is a new one."""

    exc_type = "CSRFTokenError"


PASSWORD_PATH, SECOND_FACTOR_PATH = "/account/password", "/account/second-factor"
MUST_GO_TO = {"password": PASSWORD_PATH, "second factor": SECOND_FACTOR_PATH}
ALWAYS_OPEN = (*SIGN_IN_PATHS, "/logout", "/api/method/logout")


def init_app(app: Flask) -> None:
    app.before_request(_identify)
    app.before_request(_refuse_forged)
    app.before_request(_hold_up)


class FirstThis(PermissionRefused):
    """The user has to change the password, or get an authenticator, before anything else."""

    exc_type = "FirstThis"


def is_held_up() -> bool:
    return bool(g.get("must"))


def _hold_up() -> Response | None:
    """Who must do something first is sent there, and may do nothing else."""
    there = MUST_GO_TO.get(g.get("must") or "")
    if (
        there is None
        or request.path in (there, *ALWAYS_OPEN)
        or request.path.startswith(("/language/", "/static/", "/assets/"))
    ):
        return None
    if request.method in SAFE and not request.path.startswith("/api/") and request.accept_mimetypes.accept_html:
        return cast(Response, redirect(there, 303))
    raise FirstThis(
        Text(
            f"请先在 {there} 更改密码或启用验证器，再做其他操作。",
            f"Change your password or turn on an authenticator at {there} first.",
        )
    )


def _identify() -> None:
    g.user = None
    g.by_key, g.must = False, None
    if request.endpoint in PUBLIC_ENDPOINTS:
        return
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("token", "basic"):
        g.user = services().accounts.user_of_api_key(*_key_and_secret(scheme.lower(), rest.strip()))
        g.by_key = True
    elif token := request.cookies.get(COOKIE):
        signed_in = services().accounts.session(token, is_use=request.path not in PASSIVE_PATHS)
        if signed_in is not None:
            g.user, g.csrf, g.must = signed_in.user, signed_in.csrf, signed_in.must
    if g.user is not None:
        bind_contextvars(user=g.user.name)


def session_token() -> str | None:
    """The token of the session in which this request is made; None for one with an API key."""
    return None if g.by_key else request.cookies.get(COOKIE)


def _key_and_secret(scheme: str, rest: str) -> tuple[str, str]:
    try:
        plain = base64.b64decode(rest, validate=True).decode() if scheme == "basic" else rest
    except (binascii.Error, UnicodeDecodeError):
        plain = ""
    key, _, secret = plain.partition(":")
    if not key or not secret:
        raise NotSignedIn(
            Text("Authorization 头应为 token 密钥：密文。", "The Authorization header should read: token KEY:SECRET.")
        )
    return key, secret


def _refuse_forged() -> None:
    if request.method in SAFE or g.by_key:
        return
    if _is_from_elsewhere():
        raise CsrfRefused(
            Text("该请求来自其他网站的页面，已拒绝。", "This request comes from another site's page and was refused.")
        )
    if g.user is None or request.path in SIGN_IN_PATHS:
        return
    sent = next(filter(None, (request.headers.get(name) for name in CSRF_HEADERS)), None) or request.form.get(CSRF_FIELD) or ""
    if not hmac.compare_digest(sent.encode(), str(g.csrf).encode()):
        raise CsrfRefused(
            Text(
                "页面的安全标记缺失或已失效，未保存。请刷新页面后重试；您填写的内容保存在本机草稿中。",
                "The page's security token is missing or no longer valid; nothing was saved. Reload the page and try again; what you "
                "typed is kept as a draft.",
            )
        )


def _is_from_elsewhere() -> bool:
    """Whether the browser says that another site's page sent this; programs, which say nothing, are not meant."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def give_cookie(answer: Response, token: str) -> None:
    """Let the browser keep the session; the server decides when it ends."""
    settings = services().settings
    answer.set_cookie(
        COOKIE,
        token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="Lax",
        secure=settings.secure_cookies,
        path="/",
    )


def take_cookie(answer: Response) -> None:
    """Forget the session, and the language of whoever used this browser."""
    answer.delete_cookie(COOKIE, path="/")
    answer.delete_cookie(LANGUAGE_COOKIE, path="/")
