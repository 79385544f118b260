"""Signing in and out, home, inbox, notifications, language, going to a record, and errors as pages."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..access.accounts import CodeNeeded
from ..core.errors import GuijuError, NotSignedIn, TooManyAttempts
from ..core.text import Text, language_of
from ..documents.queries import Found
from ..metadata.model import DocType
from ..web.context import LANGUAGE_COOKIE
from ..web.errors import wants_json
from ..web.sign_in import COOKIE, give_cookie, take_cookie
from .inbox_page import InboxPage
from .phrases import t
from .presenting import is_admin
from .site_state import site_state
from .tour_words import STAFF

shell = Blueprint("shell", __name__)
OFFERED, OFFERED_EACH, ALL_OFFERED = 8, 5, 40  # records in the box under the search
RECENT_LEAST, RECENT_MOST = 3, 8
NEWS_SHOWN, OWED_SECONDS = 5, 120
FOUND_EACH, ALL_FOUND = 20, 400  # on the page of results; a list's own search has the rest


@shell.get("/")
@web.login_required
def home() -> str:
    site, user = web.services(), web.current_user()
    owed, awaited = site.inbox.items(user, limit=8), site.inbox.awaited(user, limit=6)
    return render_template(
        "desk/home.html",
        owed=owed,
        awaited=awaited,
        recent=site.queries.recent(user, limit=_recent_beside(len(owed), len(awaited))),
        dashboard=site.dashboards.first_page(user),
        state=site_state(site, user) if is_admin() else [],
        tour=None if site.tours.is_known(user, STAFF) else STAFF,
    )


def _recent_beside(owed: int, awaited: int) -> int:
    """How many recent records stand on the first page, so that no column ends long before the one beside it."""
    if not owed:  # they stand beside what others owe, or have the width of the page
        return max(RECENT_LEAST, awaited) if awaited else RECENT_MOST
    return max(RECENT_LEAST, min(2 * owed + 2 - awaited, RECENT_MOST))


@shell.get("/login")
def login_form() -> Response | str:
    if web.current_user_or_none() is not None:
        return redirect(_safe(request.args.get("next")))
    return render_template("desk/login.html", error=None, login="", next=request.args.get("next", ""))


@shell.post("/login")
def login() -> Response | tuple[str, int]:
    site = web.services()
    try:
        token, user = site.accounts.sign_in(
            request.form.get("login", ""),
            request.form.get("password", ""),
            request.remote_addr or "",
            request.headers.get("User-Agent", ""),
            request.form.get("code", ""),
            request.form.get("ticket", ""),
        )
    except (NotSignedIn, TooManyAttempts) as error:
        if wants_json():
            raise
        typed, goes_to = request.form.get("login", ""), request.form.get("next", "")
        ticket = error.ticket if isinstance(error, CodeNeeded) else request.form.get("ticket", "")
        return render_template("desk/login.html", error=error, login=typed, next=goes_to, ticket=ticket), error.status
    if wants_json():
        found = site.accounts.session(token)
        answer = jsonify(ok=True, csrf_token=found.csrf if found else "", full_name=user.full_name)
    else:
        answer = make_response(redirect(_safe(request.form.get("next")), 303))
    give_cookie(answer, token)
    return answer


@shell.post("/logout")
def logout() -> Response:
    if token := request.cookies.get(COOKIE):
        web.services().accounts.sign_out(token)
    answer = make_response(redirect("/login", 303))
    take_cookie(answer)
    return answer


def _safe(target: str | None) -> str:
    """Only addresses of this server are gone on to."""
    parts = urlsplit(target or "/")
    good = (
        bool(target)
        and not parts.scheme
        and not parts.netloc
        and str(target).startswith("/")
        and not str(target).startswith(("//", "/\\"))
    )
    return str(target) if good else "/"


@shell.get("/language/<chosen>")
def language(chosen: str) -> Response:
    back = urlsplit(request.headers.get("Referer", "/"))
    answer = make_response(redirect(_safe(back.path + (f"?{back.query}" if back.query else "")), 303))
    answer.set_cookie(LANGUAGE_COOKIE, language_of(chosen), max_age=31_536_000, samesite="Lax")
    return answer


# Inbox


@shell.get("/inbox")
@web.login_required
def inbox() -> str:
    return _inbox("done" if request.args.get("tab") == "done" else "open")


@shell.post("/inbox/<obligation>")
@web.login_required
def decide(obligation: str) -> Response | tuple[str, int]:
    """Approve or reject. A refusal is told at its item; the others stay as they are."""
    site, user = web.services(), web.current_user()
    try:
        decided = site.inbox.decide(
            user, obligation, request.form.get("decision", ""), request.form.get("comment"), request.form.get("content_hash")
        )
    except GuijuError as error:
        if wants_json():
            raise
        return _inbox("open", error=error, at=obligation), error.status
    if wants_json():
        return jsonify(ok=True, message=t(f"inbox.{decided.decision}"))
    return redirect("/inbox", 303)


def _inbox(state: str, *, error: GuijuError | None = None, at: str = "") -> str:
    page = InboxPage(web.services(), web.current_user(), state, web.language(), request.args)
    return render_template("desk/inbox.html", page=page, error=error, at=at)


@shell.get("/notifications")
@web.login_required
def notifications() -> str:
    site, user = web.services(), web.current_user()
    found = site.told.notifications(user)
    site.told.mark_read(user)
    return render_template("desk/notifications.html", items=found)


@shell.get("/notifications/news")
@web.login_required
def news() -> Response:
    """What the bell shows, for pages that are left open. Unchanged, it costs one short query and no body.

    What is owed can change without a notification (somebody else decided it): at the latest after `OWED_SECONDS` it is counted anew.
    """
    site, user = web.services(), web.current_user()
    tag = f"{site.told.news_tag(user)}-{int(site.clock.now().timestamp()) // OWED_SECONDS}-{web.language()}"
    answer = make_response()
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Cookie"
    if request.if_none_match.contains(tag):
        answer.status_code = 304
        return answer
    told = [item for item in site.told.notifications(user, NEWS_SHOWN) if not item.is_read]
    fresh = [{"id": item.id, "title": item.title.to(web.language()), "url": item.address} for item in told]
    answer.data = json.dumps({"unread": site.told.unread(user), "owed": site.inbox.count(user), "fresh": fresh})
    answer.mimetype = "application/json"
    return answer


# Going somewhere


@shell.get("/search")
@web.login_required
def search() -> Response | str:
    """A record by its number, else what was found in every list; a few of it for the box in the bar."""
    asked = request.args.get("q", "").strip()
    limit, each = (ALL_OFFERED, OFFERED_EACH + 1) if wants_json() else (ALL_FOUND, FOUND_EACH)
    found = web.services().queries.find(web.current_user(), asked, limit=limit, each=each) if asked else []
    found = sorted(found, key=lambda item: not item.name.lower().startswith(asked.lower()))  # whoever types a number means it
    if wants_json():
        return jsonify(_offered(asked, found))
    if len(found) == 1 and found[0].name == asked:
        return redirect(f"/form/{quote(found[0].doctype.name, safe='')}/{quote(found[0].name, safe='')}")
    lists: dict[DocType, list[Found]] = {}
    for item in found:
        lists.setdefault(item.doctype, []).append(item)
    return render_template("desk/search.html", q=asked, lists=lists)


def _offered(asked: str, found: list[Found]) -> dict[str, Any]:
    """A few of each list, and where the rest is when there is more."""
    numbers: Counter[DocType] = Counter()
    offered: list[dict[str, str]] = []
    for item in found:
        numbers[item.doctype] += 1
        if numbers[item.doctype] <= OFFERED_EACH and len(offered) < OFFERED:
            offered.append(_found(item))
    more = {"title": t("search.all"), "url": f"/search?{urlencode({'q': asked})}"}
    return {"found": offered, "more": more if len(found) > len(offered) else None}


def _found(item: Found) -> dict[str, str]:
    url = f"/form/{quote(item.doctype.name, safe='')}/{quote(item.name, safe='')}"
    return {"doctype": item.doctype.label.to(web.language()), "title": item.title, "name": item.name, "url": url}


def error_page(error: GuijuError | None, text: Text, status: int) -> str:
    return render_template(
        "desk/error.html", error=error, text=text.to(web.language()), status=status, number=g.get("request_id", "")
    )


__all__ = ["error_page", "shell"]
