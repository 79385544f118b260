"""Who is asking, in which language, of which site: read off the request once and kept for its length."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request

from ..access.user import User
from ..core.errors import MetadataMoved, NotSignedIn
from ..core.text import Language, Text, language_of, nearest_language
from ..site import Site

View = TypeVar("View", bound=Callable[..., Any])
TRIES = 3  # publications that may overtake one request before it gives up
LANGUAGE_COOKIE = "language"


def init_app(app: Flask) -> None:
    """Every request works on one metadata version from start to end, and as far as it only reads on one view of the database; one that a
    publication overtakes is answered by the new one."""
    app.before_request(_pin)
    app.teardown_request(_unpin)
    for name in ("preprocess_request", "dispatch_request"):
        setattr(app, name, _again_when_overtaken(getattr(app, name)))


def _again_when_overtaken(work: Callable[..., Any]) -> Callable[..., Any]:
    """Do it again from its beginning when new metadata came into force, unless something was saved already; also where a page that
    tells errors in its own way has caught that one."""

    @wraps(work)
    def run(*args: Any) -> Any:
        site = services()
        pin = site.database.pin.get()
        if pin is not None:
            pin.has_written = pin.was_refused = False
        for _ in range(TRIES):
            try:
                answer = work(*args)
                pin = site.database.pin.get()
                if pin is None or not pin.was_refused or not site.publisher.repin():
                    return answer
            except MetadataMoved:
                if not site.publisher.repin():
                    raise
            for file in request.files.values():
                file.stream.seek(0)
        return work(*args)

    return run


def _pin() -> None:
    _unpin(None)
    if not request.path.startswith(("/static/", "/assets/", "/health")):
        site = services()
        g.pinned = ExitStack()
        g.pinned.enter_context(site.database.one_view())
        g.pinned.enter_context(site.publisher.pinned())


def _unpin(_error: BaseException | None) -> None:
    if (pinned := g.pop("pinned", None)) is not None:
        pinned.close()


def services() -> Site:
    """The site that this application serves."""
    return cast(Site, current_app.extensions["guiju"])


def current_user_or_none() -> User | None:
    return cast(User | None, g.get("user"))


def current_user() -> User:
    """The signed-in user. Raises NotSignedIn."""
    user = current_user_or_none()
    if user is None:
        raise NotSignedIn(Text("请先登录。", "Please sign in first."))
    return user


def login_required(view: View) -> View:
    """A view for signed-in people only."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        current_user()
        return view(*args, **kwargs)

    return cast(View, guarded)


def speak(wanted: str) -> None:
    """Answer this request in one of our languages, whatever its reader's is."""
    if chosen := nearest_language(wanted):
        g.language = chosen


def language() -> Language:
    """The reader's language: the switch, else the user's own, else the browser's wish, else the site's.

    Whoever calls the API has written its `Accept-Language` on purpose; there it counts before the user's own language, which a
    browser's standing wish does not.
    """
    if (known := g.get("language")) is not None:  # a page asks three hundred times
        return cast(Language, known)
    user = current_user_or_none()
    switch = request.cookies.get(LANGUAGE_COOKIE)
    wish = next(filter(None, map(nearest_language, request.accept_languages.values())), None)
    own = user.language if user else None
    chosen = (wish or own) if request.path.startswith("/api/") else (own or wish)
    g.language = nearest_language(switch) or chosen or language_of(services().settings.language)
    return cast(Language, g.language)


def csrf_token() -> str:
    """The token that every change made with the session's cookie must carry."""
    return cast(str, g.get("csrf") or "")


def csp_nonce() -> str:
    """A number used once that lets this page's own inline scripts run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return cast(str, g.csp_nonce)
