"""What the command palette (Ctrl+K) offers whoever is signed in: lists, new records, reports, settings; and the keys (`?`).

Records come from `/search`, the actions of a page from the page itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

from flask import Blueprint, Response, current_app, jsonify
from markupsafe import escape

from .. import web
from ..access.permissions import Permissions
from ..core.pinyin import initials, syllables
from ..core.text import Text
from ..metadata.model import DocType
from .offline_views import has_offline_work
from .palette_words import KEYS, PALETTE_TEXTS
from .phrases import t
from .presenting import has_reports, is_admin, menu

palettes = Blueprint("palettes", __name__)
Item = dict[str, str]


@palettes.get("/palette")
@web.login_required
def palette() -> Response:
    """Groups of `{title, note, url}`; `also` holds further words by which an entry is found, such as its title in the other language,
    `initials` and `spelt` how its Chinese words are typed."""
    language = web.language()
    groups = [
        (Text("前往", "Go"), _places()),
        (Text("列表", "Lists"), _lists()),
        (Text("新建", "New"), _new()),
        (Text("报表", "Reports"), _reports()),
        (Text("设置", "Settings"), _settings()),
    ]
    return jsonify(
        groups=[{"title": title.to(language), "items": list(items)} for title, items in groups],
        says={name: text.to(language) for name, text in PALETTE_TEXTS.items()},
        keys=[{"title": title.to(language), "keys": [[key, text.to(language)] for key, text in keys]} for title, keys in KEYS],
    )


def _item(title: str, url: str, note: str = "", *also: str) -> Item:
    words = dict.fromkeys(" ".join((title, *also)).split())
    typed = [_typed(word) for word in words if not word.isascii()]
    return {
        "title": title, "url": url, "note": note, "also": " ".join(also), "initials": " ".join(one for one, _ in typed if one),
        "spelt": " | ".join(one for _, one in typed if one),
    }  # fmt: skip


@lru_cache(maxsize=4096)
def _typed(word: str) -> tuple[str, str]:
    """A Chinese word by its initials, each way, and in full."""
    return " ".join(initials(word)), " ".join(syllables(word))


def _places() -> Iterator[Item]:
    yield _item(t("home.title"), "/", "", "home 首页")
    yield _item(t("inbox.title"), "/inbox", "", "inbox 待办")
    if has_offline_work():
        yield _item(Text("我的工作", "My work").to(web.language()), "/mine", "", "my work 我的工作")
    yield _item(t("notifications.title"), "/notifications", "", "notifications 通知")
    yield _item(Text("仪表盘", "Dashboards").to(web.language()), "/dashboards", "", "dashboards 仪表盘")
    if has_reports():
        yield _item(Text("报表", "Reports").to(web.language()), "/reports", "", "reports 报表")
    if web.services().imports.offered(web.current_user()):
        yield _item(Text("数据导入", "Data imports").to(web.language()), "/data-import", "", "data import 数据导入")


def _doctypes() -> Iterator[tuple[str, DocType]]:
    for module, _, doctypes in menu():
        for item in doctypes:
            yield module, item


def _lists() -> Iterator[Item]:
    for module, item in _doctypes():
        label = item.label
        yield _item(label.to(web.language()), f"/list/{quote(item.name, safe='')}", module, item.name, label.zh, label.en)


def _new() -> Iterator[Item]:
    permissions, user = Permissions(web.services().snapshot().model), web.current_user()
    for module, item in _doctypes():
        if not item.issingle and permissions.may(user, "create", item.name):
            label = Text(f"新建{item.label.zh}", f"New {item.label.en}")
            url = f"/form/{quote(item.name, safe='')}/new"
            yield _item(label.to(web.language()), url, module, item.name, label.zh, label.en)


def _reports() -> Iterator[Item]:
    for report in web.services().reports.offered(web.current_user()):
        title = report.title
        yield _item(title.to(web.language()), f"/report/{quote(report.name, safe='')}", "", report.name, title.zh, title.en)


def _settings() -> Iterator[Item]:
    yield _item(t("choices.title"), "/account/notifications")
    yield _item(t("password.title"), "/account/password")
    yield _item(t("factor.title"), "/account/second-factor")
    if not is_admin():
        return
    for admin in current_app.extensions.get("admin", []):
        for entry in admin.menu():
            for page in entry.get_children() if entry.is_category() else [entry]:
                yield _item(_named(page.name), str(page.get_url()), _named(entry.name) if page is not entry else t("app.admin"))


def _named(name: str) -> str:
    """An entry of the administrators' menu in the reader's language."""
    return str(escape(name).unescape())
