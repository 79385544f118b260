"""What all templates may use: texts, times in the site's zone, rich text, the shell's menu and counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

import nh3
from flask import Flask
from markupsafe import Markup

from .. import web
from ..access.permissions import Permissions
from ..calendars.deadline import END_OF_DAY, Pause
from ..core import code128, translations
from ..core.markdown import markdown_html
from ..core.text import Text
from ..core.values import plain_number, to_decimal
from ..documents.clauses import CLAUSE
from ..exchange.packs import piece_title
from ..metadata.model import DocType
from .form_words import FORM_WORDS
from .offline_views import has_offline_work
from .offline_views import texts as offline_words
from .phrases import t
from .theme import chosen_theme, theme_attribute, theme_choices
from .tour_views import tour_texts

MODULES: Mapping[str, tuple[Text, str]] = {
    "after_sales": (Text("售后服务", "After-sales"), "wrench-adjustable"),
    "trial": (Text("新产品试制", "Trial production"), "cpu"),
    "delivery": (Text("交付与发运", "Delivery"), "truck"),
    "workshop": (Text("维修车间", "Workshop"), "car-front"),
    "quality": (Text("质量", "Quality"), "patch-check"),
    "evaluation": (Text("服务评价", "Service evaluation"), "star"),
    "warehouse": (Text("仓库", "Warehouse"), "box-seam"),
    "documents": (Text("文件控制", "Document control"), "file-earmark-text"),
    "people": (Text("人员", "People"), "people"),
    "masters": (Text("基础资料", "Master data"), "boxes"),
    "core": (Text("系统", "System"), "gear"),
    "site": (Text("自定义", "Own"), "grid"),
}
ORDER = ("after_sales", "workshop", "trial", "delivery", "warehouse", "quality", "evaluation", "documents", "people", "masters")
ADMINISTRATIVE = "core"
LAST = ("site", ADMINISTRATIVE)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        t=t,
        form_texts=form_texts,
        menu=menu,
        unread=unread,
        owed_count=owed_count,
        me=web.current_user_or_none,
        language=web.language,
        languages=translations.languages,
        say=say,
        piece_title=piece_title,
        csrf_token=web.csrf_token,
        csp_nonce=web.csp_nonce,
        is_admin=is_admin,
        has_reports=has_reports,
        has_offline_work=has_offline_work,
        offline_words=offline_words,
        theme_attribute=theme_attribute,
        theme_choice=chosen_theme,
        theme_choices=theme_choices,
        tour_texts=tour_texts,
        has_clause_coverage=has_clause_coverage,
        may_read_clauses=may_read_clauses,
    )
    app.jinja_env.filters.update(
        said=said,
        moment=moment,
        due=due,
        day=day,
        rich=rich,
        markdown=markdown,
        change_value=change_value,
        until=until,
        length_of_time=length_of_time,
        file_name=file_name,
        barcode=barcode,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def form_texts() -> dict[str, str]:
    language = web.language()
    return {name: text.to(language) for name, text in FORM_WORDS.items()}


def say(zh: str, en: str, **values: object) -> str:
    """A text of a template in the reader's language, its places filled."""
    text = Text(zh, en)
    return (text.format(**values) if values else text).to(web.language())


def said(value: str | Mapping[str, Any] | None) -> str:
    """A text as metadata or a trace keeps it, in the reader's language."""
    if isinstance(value, Mapping) and not any(value.values()):
        return ""  # a condition over rows has no operator of its own
    return Text.of(value or None).to(web.language())


def moment(value: datetime | str | None) -> str:
    """A time as people read it, in the site's zone to the minute."""
    if not value:
        return ""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return at.astimezone(web.services().zone).strftime("%Y-%m-%d %H:%M")


def due(value: datetime) -> str:
    """When something is due. The end of a day is that of the day which people name, 24:00, and not the first minute of the next."""
    at = value.astimezone(web.services().zone)
    return f"{due_day(value)} 24:00" if at.date() != due_day(value) else moment(value)


def due_day(value: datetime) -> date:
    """The day by whose end, or on which, something is due."""
    return (value.astimezone(web.services().zone) - END_OF_DAY).date()


def day(value: datetime) -> str:
    """A time in the narrow column of a list: without the year when it is this year's."""
    here = value.astimezone(web.services().zone)
    this_year = web.services().clock.now().astimezone(web.services().zone).year
    return here.strftime("%m-%d %H:%M" if here.year == this_year else "%Y-%m-%d")


def file_name(address: str) -> str:
    """The name of an attached file, from its address."""
    return unquote(address.rpartition("/")[2])


def barcode(text: object) -> Markup:
    """The bars of a text; nothing for one that has none."""
    found = code128.drawing(str(text or ""))
    if found is None:
        return Markup()
    width, path = found
    return Markup(
        '<svg class="barcode" viewBox="0 0 {} 1" preserveAspectRatio="none" role="img" aria-hidden="true"><path d="{}"/></svg>'
    ).format(width, path)


def until(value: datetime | None) -> str:
    """How long it is to a time: `还有 3 小时`, `已超 2 天`."""
    if value is None:
        return ""
    seconds = (value - web.services().clock.now()).total_seconds()
    size = abs(seconds)
    if size < 5400:
        number, key = round(size / 60), "minutes"
    elif size < 129_600:
        number, key = round(size / 3600), "hours"
    else:
        number, key = round(size / 86_400), "days"
    return t(f"time.{'in' if seconds >= 0 else 'over'}_{key}", number=number)


def length_of_time(pause: Pause) -> str:
    """How long a clock stood: `2 小时 30 分钟`, the largest two units."""
    if pause.end is None:
        return ""
    minutes = round((pause.end - pause.start).total_seconds() / 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "days"), (hours, "hours"), (rest, "minutes")]
    said = [t(f"time.long_{unit}", number=number) for number, unit in parts if number]
    return " ".join(said[:2] or [t("time.long_minutes", number=0)])


def rich(value: str | None) -> Markup:
    """Rich text, cleaned once more on its way out."""
    return Markup(nh3.clean(value or ""))


def markdown(value: str | None) -> Markup:
    """Markdown as marked-up text."""
    return Markup(markdown_html(value or ""))


def change_value(value: Any) -> str:
    """A value of a version entry, short enough for the timeline."""
    if value is None or value == "":
        return "—"
    if isinstance(value, Mapping):
        return str(value.get("name") or "…") if "image" in value else "…"
    number = to_decimal(value) if isinstance(value, float | int) else None
    shown = plain_number(number) if number is not None else str(value)
    if isinstance(value, str) and len(value) >= 19 and value[10:11] == "T" and value.endswith("Z"):
        shown = moment(value)
    return shown if len(shown) <= 120 else shown[:117] + "…"


def menu() -> list[tuple[str, str, list[DocType]]]:
    """The modules with the DocTypes that this user may read: (label, icon, DocTypes).

    Of the system's own (roles, users, tags ...) only those the user may also make or change: the others are read as links of records,
    and are nobody's daily list.
    """
    user = web.current_user_or_none()
    if user is None:
        return []
    model, language = web.services().snapshot().model, web.language()
    permissions = Permissions(model)
    found: dict[str, list[DocType]] = {}
    for item in model:
        actions = ("create", "write") if item.module == ADMINISTRATIVE else ("read",)
        if not item.istable and any(permissions.may(user, action, item.name) for action in actions):
            found.setdefault(item.module or "site", []).append(item)
    names = [
        *(name for name in ORDER if name in found),
        *sorted(set(found) - {*ORDER, *LAST}),
        *(name for name in LAST if name in found),
    ]
    return [
        (
            _module(name)[0].to(language),
            _module(name)[1],
            sorted(found[name], key=lambda item: item.label.to(language)),
        )
        for name in names
    ]


def role_titles(roles: Iterable[str]) -> dict[str, str]:
    """What people call these roles: titles are in the language of the house, names are English."""
    names = list(roles)
    titles = web.services().queries.titles(web.current_user(), "Role", names)
    return {name: Text(titles.get(name, name), name).to(web.language()) for name in names}


def module_title(name: str) -> str:
    """What a module is called."""
    return _module(name or "site")[0].to(web.language())


def _module(name: str) -> tuple[Text, str]:
    return MODULES.get(name, (Text(name, name.replace("_", " ").capitalize()), "folder"))


def unread() -> int:
    user = web.current_user_or_none()
    return web.services().told.unread(user) if user else 0


def owed_count() -> int:
    user = web.current_user_or_none()
    return web.services().inbox.count(user) if user else 0


def has_reports() -> bool:
    """Whether there is a report that this user may open."""
    user = web.current_user_or_none()
    return user is not None and bool(web.services().reports.offered(user))


def has_clause_coverage() -> bool:
    """Whether this user may open the page of clauses."""
    user = web.current_user_or_none()
    return user is not None and web.services().clause_coverage.may_read(user)


def may_read_clauses() -> bool:
    """Whether a clause's number may lead this user to its words."""
    user = web.current_user_or_none()
    return user is not None and Permissions(web.services().snapshot().model).may(user, "read", CLAUSE)


def is_admin() -> bool:
    user = web.current_user_or_none()
    return user is not None and (user.is_administrator or user.has_role("System Manager"))
