"""The versions of a record: two side by side, field by field and row by row; and why rules spoke at the save that made one."""

from __future__ import annotations

from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import Blueprint, render_template, request

from .. import web
from ..access.permissions import Permissions
from ..access.user import User
from ..documents.complete import Record
from ..documents.versions import VersionEntry
from ..metadata.model import DRAFT
from ..site import Site
from .timeline import Difference, Timeline

versions = Blueprint("versions", __name__)
LONGEST = 20_000


class _Versions:
    """The versions of one record, for one reader."""

    def __init__(self, site: Site, user: User, doctype: str, record: Record, language: str) -> None:
        self._site = site
        self._user = user
        self.doctype = site.snapshot().record_type(doctype)
        self.record = record
        self.name = str(record["name"])
        self.language = language

    @cached_property
    def entries(self) -> list[VersionEntry]:
        """The versions to choose from, the newest first; what changed nothing (an approval, a share) is none."""
        found: dict[int, VersionEntry] = {}
        for entry in reversed(self._site.queries.history(self._user, self.doctype.name, self.name)):
            found.setdefault(entry.version, entry)
        return list(found.values())[::-1]

    @property
    def title(self) -> str:
        item = self.doctype.by_name.get(self.doctype.title_field or "")
        value = str(self.record.get(item.fieldname) or "") if item else ""
        if item is not None and item.fieldtype == "Link" and value:
            return self._site.queries.titles(self._user, item.options or "", [value])[value]
        return value or self.name


class VersionsPage(_Versions):
    """Two of them compared: at first the present one with the one before."""

    def __init__(
        self, site: Site, user: User, doctype: str, record: Record, language: str, one: int | None, other: int | None
    ) -> None:
        super().__init__(site, user, doctype, record, language)
        known = [entry.version for entry in self.entries]
        chosen = sorted((other or (known[0] if known else 0), one or (known[1] if len(known) > 1 else 0)))
        self.earlier, self.later = chosen

    @cached_property
    def groups(self) -> list[tuple[tuple[str, str], list[Difference]]]:
        """The differences: those of the record itself, then those of each row (and whether it was added or removed)."""
        if len(self.entries) < 2 or self.earlier == self.later:
            return []
        entry = self._site.queries.compare(self._user, self.doctype.name, self.name, self.earlier, self.later)
        levels = Permissions(self._site.snapshot().model).levels(self._user, "read", self.doctype.name, self.record)
        timeline = Timeline(self._site, self._user, self.doctype, levels, [entry], self.language, longest=LONGEST)
        found = [difference for shown in timeline for difference in shown.differences]
        return [(row, list(some)) for row, some in groupby(found, key=attrgetter("row", "change"))]

    @property
    def may_restore(self) -> bool:
        actions = self._site.documents.actions(self._user, self.doctype.name, self.record)
        return "save" in actions and self.record["docstatus"] == DRAFT and self.earlier < self.record["version"]


class WhyPage(_Versions):
    """Why rules spoke at the save that made one version; at first the present one."""

    def __init__(self, site: Site, user: User, doctype: str, record: Record, language: str, version: int | None) -> None:
        super().__init__(site, user, doctype, record, language)
        self.version = version or int(record["version"])

    @property
    def entry(self) -> VersionEntry | None:
        """The save: who made the version, and when."""
        return next((entry for entry in self.entries if entry.version == self.version), None)

    @cached_property
    def why(self) -> dict[str, Any] | None:
        return self._site.queries.why(self._user, self.doctype.name, self.name, self.version)


@versions.get("/versions/<doctype>/<path:name>")
@web.login_required
def show(doctype: str, name: str) -> str:
    """`from` and `to` are the numbers of the two versions."""
    site, user = web.services(), web.current_user()
    record = site.documents.load(user, doctype, name)
    one, other = (request.args.get(key, type=int) for key in ("from", "to"))
    page = VersionsPage(site, user, doctype, record, web.language(), one, other)
    return render_template("desk/versions.html", page=page)


@versions.get("/why/<doctype>/<path:name>")
@web.login_required
def why(doctype: str, name: str) -> str:
    """`version` is the number of the version."""
    site, user = web.services(), web.current_user()
    record = site.documents.load(user, doctype, name)
    page = WhyPage(site, user, doctype, record, web.language(), request.args.get("version", type=int))
    return render_template("desk/why.html", page=page)


@versions.get("/why-others/<doctype>/<path:name>")
@web.login_required
def why_others(doctype: str, name: str) -> str:
    """The rules that did not match at the last save, to stand in the panel of the form."""
    trace = web.services().queries.why(web.current_user(), doctype, name)
    return render_template("desk/why_others.html", trace=trace)
