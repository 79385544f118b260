"""Light, dark, or as the device says: a choice of this browser, kept in a cookie so that no page flashes up in the wrong one."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from .. import web
from ..core.text import Text

theme = Blueprint("theme", __name__)
COOKIE = "theme"
CHOICES = {"auto": Text("跟随设备", "Device"), "light": Text("浅色", "Light"), "dark": Text("深色", "Dark")}


@theme.get("/theme/<chosen>")
def choose(chosen: str) -> Response:
    """Choose, and go back to the page that the choice was made on."""
    if chosen not in CHOICES:
        abort(404)
    back = urlsplit(request.headers.get("Referer", "/"))
    path = back.path if back.path.startswith("/") and not back.path.startswith("//") else "/"
    answer = redirect(path + (f"?{back.query}" if back.query else ""), 303)
    answer.set_cookie(COOKIE, chosen, max_age=31_536_000, samesite="Lax")
    return answer


def chosen_theme() -> str:
    """The choice of this browser; `auto` follows the device."""
    kept = request.cookies.get(COOKIE, "auto")
    return kept if kept in CHOICES else "auto"


def theme_choices() -> list[tuple[str, str]]:
    """What the menus offer, in words."""
    return [(code, label.to(web.language())) for code, label in CHOICES.items()]


def theme_attribute() -> Markup:
    """What the page's root element carries for the choice; nothing where it follows the device."""
    found = chosen_theme()
    return Markup("") if found == "auto" else Markup(' data-theme="{}"').format(found)
