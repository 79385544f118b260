"""`guiju.list_views.*`: the views of a list that the caller may use, read, kept and removed."""

from __future__ import annotations

from typing import Any

from .. import web
from ..documents.list_views import ListView
from .arguments import Arguments
from .methods import WRITING, method


@method("guiju.list_views.get_list")
def get_list(arguments: Arguments) -> list[dict[str, Any]]:
    """The views of the list of `doctype`, the caller's own first."""
    user, doctype = web.current_user(), arguments.required("doctype")
    found = web.services().list_views.offered(user, doctype)
    begun = web.services().list_views.settings(user, doctype).default_view
    return [{**_told(view), "is_default": int(view.id == begun)} for view in found]


@method("guiju.list_views.get")
def get(arguments: Arguments) -> dict[str, Any]:
    """One view, by its `name`."""
    return _told(web.services().list_views.view(web.current_user(), *_which(arguments)))


@method("guiju.list_views.save", WRITING)
def save(arguments: Arguments) -> dict[str, Any]:
    """Keep a view: a new one, or in place of the one called `name`. `audience` is private, role (with `role`) or everyone."""
    view = web.services().list_views.keep(
        web.current_user(), arguments.required("doctype"), arguments.required("title"), arguments.text("query") or "",
        arguments.text("audience") or "private", arguments.text("role") or "", key=arguments.text("name") or "",
    )  # fmt: skip
    return _told(view)


@method("guiju.list_views.delete", WRITING)
def delete(arguments: Arguments) -> None:
    web.services().list_views.remove(web.current_user(), *_which(arguments))


@method("guiju.list_views.set_default", WRITING)
def set_default(arguments: Arguments) -> None:
    """What the caller's list of `doctype` opens with: the view called `name`, or none."""
    web.services().list_views.begin_with(web.current_user(), arguments.required("doctype"), arguments.text("name") or "")


def _which(arguments: Arguments) -> tuple[str, str]:
    return arguments.required("doctype"), arguments.required("name")


def _told(view: ListView) -> dict[str, Any]:
    return {
        "name": view.id, "doctype": view.doctype, "title": view.title.to(web.language()), "audience": view.audience, "role": view.role,
        "owner": view.owner, "query": view.query, "is_shipped": int(not view.owner),
    }  # fmt: skip
