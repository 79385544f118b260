"""The page on which one record is shared with single people."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import Fault, GuijuError, PermissionRefused, ValidationFailed
from ..core.text import Text

shares = Blueprint("shares", __name__)


@shares.get("/share/<doctype>/<path:name>")
@web.login_required
def show(doctype: str, name: str) -> str:
    return _page(doctype, name)


@shares.post("/share/<doctype>/<path:name>")
@web.login_required
def change(doctype: str, name: str) -> Response | tuple[str, int]:
    """Share with the person of `user`, or take back the share of the person that `_remove` names."""
    site, user = web.services(), web.current_user()
    try:
        if person := request.form.get("_remove"):
            site.sharing.unshare(user, doctype, name, person)
        else:
            person = request.form.get("user", "").strip()
            if not person:
                said = Text("共享给谁？请选择一个人。", "Share with whom? Choose somebody.")
                raise ValidationFailed(said, [Fault("user", said)])
            write, share = ("write" in request.form, "share" in request.form)
            site.sharing.share(user, doctype, name, person, write=write, share=share)
    except (ValidationFailed, PermissionRefused) as error:
        return _page(doctype, name, error), error.status
    return redirect(f"/share/{quote(doctype, safe='')}/{quote(name, safe='')}", 303)


def _page(doctype: str, name: str, error: GuijuError | None = None) -> str:
    site, user = web.services(), web.current_user()
    record = site.documents.load(user, doctype, name)
    found = site.snapshot().doctype(doctype)
    actions = site.documents.actions(user, doctype, record)
    return render_template(
        "desk/share.html",
        doctype=found,
        name=name,
        title=found.title_of(record),
        shares=site.sharing.shares(user, doctype, name),
        may_share="share" in actions,
        may_write="save" in actions,
        typed=request.form,
        error=error,
    )
