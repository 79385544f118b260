"""What a DocType puts beside its form: `links` (records of other DocTypes that belong to it) and `actions` (buttons that lead on).

Both stay in the DocType's `extra` as they were written; here they are read. A Server Action calls a program of another
application, which is not here: `check` tells that its button is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..core.text import EMPTY, Text
from .model import DocType

_FRAPPE_LIST = re.compile(r"(?:/app/)?List/([^/]+)(?:/List)?\Z", re.IGNORECASE)
_FRAPPE_NEW = re.compile(r"Form/([^/]+)/New [^/]*\Z", re.IGNORECASE)
_PAGES = ("/list/", "/form/", "/print/", "/tree/", "/reports/", "/dashboard/", "/admin/", "https://", "http://")


@dataclass(frozen=True, slots=True)
class DocLink:
    """Records of `doctype` whose field `fieldname` holds this one; `group` is the heading they stand under."""

    doctype: str
    fieldname: str
    group: Text = EMPTY


@dataclass(frozen=True, slots=True)
class DocAction:
    """A button of the form that opens a page; `{name}` in its route is the record's."""

    label: Any
    route: str

    def address(self, name: str) -> str:
        """The page that the button opens."""
        if found := _FRAPPE_LIST.match(self.route):
            return f"/list/{quote(found[1])}"
        if found := _FRAPPE_NEW.match(self.route):
            return f"/form/{quote(found[1])}/new"
        return self.route.replace("{name}", quote(name, safe=""))


def links_of(doctype: DocType) -> tuple[DocLink, ...]:
    """The links to show, in their order. One through a child table of another DocType is counted by nobody here."""
    rows = [row for row in doctype.extra.get("links") or () if row.get("link_doctype") and row.get("link_fieldname")]
    return tuple(
        DocLink(str(row["link_doctype"]), str(row["link_fieldname"]), Text.of(row.get("group")))
        for row in rows
        if not row.get("hidden") and not row.get("parent_doctype")
    )


def hidden_links(doctype: DocType) -> frozenset[tuple[str, str]]:
    """Links that are not to be shown although they are there."""
    rows = doctype.extra.get("links") or ()
    return frozenset((str(row.get("link_doctype")), str(row.get("link_fieldname"))) for row in rows if row.get("hidden"))


def actions_of(doctype: DocType) -> tuple[DocAction, ...]:
    """The buttons whose pages are here."""
    rows = [row for row in doctype.extra.get("actions") or () if not row.get("hidden") and row.get("label")]
    return tuple(DocAction(row["label"], str(row["action"])) for row in rows if opens_page(row))


def opens_page(action: Any) -> bool:
    """Whether an action leads to a page of this program or of the web; never a script."""
    route = str(action.get("action") or "")
    known = _FRAPPE_LIST.match(route) or _FRAPPE_NEW.match(route) or route.startswith(_PAGES)
    return action.get("action_type") == "Route" and bool(known)
