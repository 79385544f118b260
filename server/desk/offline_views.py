"""The installed app and the day without network: manifest, service worker, "my work", and what a phone may keep of it.

What is kept lies in the browser under rules that stand in `static/guiju/service-worker.js` and `offline-keep.js`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify, render_template
from flask.json import dumps

from .. import web
from ..web.assets import OWN, release, static, vendor
from .empty_state import no_open_work
from .my_work import MyWork, offered
from .offline_words import WORDS, WORK

offline = Blueprint("offline", __name__)
WORKSHOP_ONLY = ("admin", "builder", "rule-", "workflow-", "service-worker")  # pages that nobody opens without network
THIRD_PARTY = (
    "flatpickr/flatpickr.min.css", "flatpickr/flatpickr.min.js", "flatpickr/l10n/zh.js", "signature_pad/signature_pad.umd.min.js",
    "sortablejs/Sortable.min.js", "icons.svg",
)  # fmt: skip
OFFLINE_PATH = "/offline"
SENDING = (
    "answered.js",
    "offline-store.js",
    "offline-files.js",
    "offline-sync.js",
)  # what the worker sends with, each after what it imports
MODULE_WORDS = re.compile(r"^import .*$|^export ", re.MULTILINE)
IMPORTED = re.compile(r'(?:from|import\() ?"\./([\w-]+\.js)"')


@offline.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone shows of the installed app."""
    icons = [
        {"src": static(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
        for size in (192, 512)
    ]
    name = web.services().settings.company_in(web.language()) or "规矩"
    answer = jsonify(
        id="/", name=f"规矩 · {name}" if name != "规矩" else name, short_name="规矩", start_url="/", scope="/", display="standalone",
        lang="zh-CN" if web.language() == "zh" else web.language(), theme_color="#1f5a92", background_color="#f4f6f8", icons=icons,
        shortcuts=[{"name": WORK.to(web.language()), "url": "/mine"}],
    )  # fmt: skip
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@offline.get("/service-worker.js")
def service_worker() -> Response:
    """The service worker with the list of files it keeps; a new release is a new script, so browsers take it at once."""
    head = f"const RELEASE = {dumps(release())};\nconst FILES = {dumps([OFFLINE_PATH, *_files()])};\n"
    answer = Response(head + _sending() + _script("service-worker.js"), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _sending() -> str:
    """The pages' own modules that send the queue, in a scope of their own: not every browser lets a service worker import modules."""
    parts = (MODULE_WORDS.sub("", _script(name)) for name in SENDING)
    return f"const sending = (() => {{\n{''.join(parts)}\nreturn {{ sync, isAnswered }};\n}})();\n"


def _script(name: str) -> str:
    return (OWN / "guiju" / name).read_text("utf-8")


def _files() -> Iterator[str]:
    """Our files that pages of the desk load, with whatever these import; and the third-party ones."""
    wanted = [file.name for file in (OWN / "guiju").iterdir() if not file.name.startswith(WORKSHOP_ONLY)]
    for name in wanted:
        if name.endswith(".js"):
            wanted += set(IMPORTED.findall(_script(name))).difference(wanted)
    yield from map(static, sorted(wanted))
    yield from map(vendor, THIRD_PARTY)


@offline.get(OFFLINE_PATH)
def no_network() -> str:
    """What is shown in place of a page that the device does not keep; the same for everybody."""
    return render_template("desk/offline.html")


@offline.get("/mine")
@web.login_required
def mine() -> str:
    return render_template("desk/mine.html", piles=_work().piles(), words=texts(), no_open_work=no_open_work)


@offline.get("/mine/kept")
@web.login_required
def kept() -> Response:
    """What this device may keep for its user, and the session's token for sending what was saved without network."""
    site, user, work = web.services(), web.current_user(), _work()
    return jsonify(
        user=user.name,
        csrf=web.csrf_token(),
        hours=site.settings.session_hours,
        pages=work.pages(release()),
        choices=work.targets(),
    )


@offline.get("/mine/session")
@web.login_required
def session() -> Response:
    """Who is signed in, and the session's token: asked before what was saved without network is sent."""
    return jsonify(user=web.current_user().name, csrf=web.csrf_token())


@offline.get("/mine/choices/<doctype>")
@web.login_required
def choices(doctype: str) -> Response:
    found = _work().choices(doctype)
    return jsonify(choices=[{"value": item.value, "title": item.title, "description": item.description} for item in found])


def _work() -> MyWork:
    return MyWork(web.services(), web.current_user(), web.language())


def texts() -> dict[str, str]:
    return {name: text.to(web.language()) for name, text in WORDS.items()}


def has_offline_work() -> bool:
    """Whether anything of what the user works on is meant to be kept on a phone."""
    user = web.current_user_or_none()
    return user is not None and bool(offered(web.services().snapshot().model, user))
