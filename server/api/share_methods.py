"""`frappe.share.*`: records opened to single people."""

from __future__ import annotations

from typing import Any

from .. import web
from .arguments import Arguments
from .methods import WRITING, method


@method("frappe.share.get_users")
def get_users(arguments: Arguments) -> list[dict[str, Any]]:
    """With whom a record is shared, and what each may do."""
    doctype, name = arguments.required("doctype"), arguments.required("name")
    return [
        {
            "user": item.share.user, "full_name": item.full_name, "read": 1, "write": int(item.share.may_write),
            "share": int(item.share.may_share), "owner": item.share.by,
        }
        for item in web.services().sharing.shares(web.current_user(), doctype, name)
    ]  # fmt: skip


@method("frappe.share.add", WRITING)
def add(arguments: Arguments) -> list[dict[str, Any]]:
    """Open a record to `user`; with `write` and `share` to change it and to share it on. The answer is who it is shared with."""
    doctype, name, person = (arguments.required(key) for key in ("doctype", "name", "user"))
    write, share = (arguments.flag(key, default=False) for key in ("write", "share"))
    web.services().sharing.share(web.current_user(), doctype, name, person, write=write, share=share)
    return get_users(arguments)


@method("frappe.share.remove", WRITING)
def remove(arguments: Arguments) -> None:
    doctype, name, person = (arguments.required(key) for key in ("doctype", "name", "user"))
    web.services().sharing.unshare(web.current_user(), doctype, name, person)
