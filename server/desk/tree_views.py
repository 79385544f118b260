"""The tree of a DocType: one branch at a time, opened in place, or on a page of its own that can be shared."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import quote, urlencode

from flask import Blueprint, render_template, request

from .. import web
from ..access.permissions import Permissions
from ..access.user import User
from ..documents.complete import Record
from ..metadata.model import DocType
from ..site import Site

trees = Blueprint("trees", __name__)
PAGE_SIZE = 200


class TreePage:
    """One branch for one user: the records below `of`, or those at the top."""

    def __init__(self, site: Site, user: User, doctype: str, of: str | None, offset: int, language: str) -> None:
        self.doctype: DocType = site.snapshot().record_type(doctype)
        self.of = of
        self.offset = max(offset, 0)
        self.language = language
        self.branch = site.queries.branch(user, doctype, of, limit=PAGE_SIZE, offset=self.offset)
        self._permissions = Permissions(site.snapshot().model)
        self._user = user

    @cached_property
    def may_create(self) -> bool:
        return self._permissions.may(self._user, "create", self.doctype.name)

    def title(self, row: Record) -> str:
        return self.doctype.title_of(row)

    def takes_more(self, row: Record) -> bool:
        """Whether a record may be made below this one."""
        return self.may_create and ("is_group" not in self.doctype.by_name or bool(row.get("is_group")))

    def address(self, of: str | None = None, *, offset: int = 0) -> str:
        asked = {key: value for key, value in (("of", of), ("offset", offset or None)) if value is not None}
        return f"/tree/{quote(self.doctype.name, safe='')}" + (f"?{urlencode(asked)}" if asked else "")

    def new_below(self, name: str) -> str:
        """The address of a new record's form with its place filled in."""
        link = self.doctype.parent_link
        assert link is not None  # else there is no such page
        return f"/form/{quote(self.doctype.name, safe='')}/new?{urlencode({link.fieldname: name})}"


@trees.get("/tree/<doctype>")
@web.login_required
def show(doctype: str) -> str:
    """The page; with `part`, only the branch, for the page that opens it in place."""
    of, offset = request.args.get("of") or None, request.args.get("offset", 0, type=int)
    page = TreePage(web.services(), web.current_user(), doctype, of, offset, web.language())
    return render_template("desk/tree_branch.html" if "part" in request.args else "desk/tree.html", page=page)
