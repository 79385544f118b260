"""The page on which one record is signed: what is signed in readable form, what for, and who one is."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..access.identity import Credentials
from ..core.errors import GuijuError, NotFound
from ..core.text import Text
from ..documents.inbox_items import InboxItem
from ..documents.signing import Signing
from ..web.errors import wants_json
from ..web.sign_in import session_token
from .form_page import FormPage

signing = Blueprint("signing", __name__)


@signing.get("/sign/<doctype>/<path:name>")
@web.login_required
def show(doctype: str, name: str) -> str:
    """The record to be read and signed; `?obligation=` is the id of the signature that is owed."""
    return _page(doctype, name, request.args.get("obligation", ""))


@signing.post("/sign/<doctype>/<path:name>")
@web.login_required
def sign(doctype: str, name: str) -> Response | tuple[str, int]:
    """Sign the version that the page showed. A refusal keeps what was typed but the password."""
    form, obligation = request.form, request.form.get("obligation", "")
    try:
        web.services().signing.sign(
            web.current_user(), doctype, name,
            Signing(form.get("meaning", ""), form.get("reason", ""), obligation or None),
            Credentials(form.get("login", ""), form.get("password", ""), form.get("code", "")),
            version=form.get("version", 0, type=int), token=session_token(),
        )  # fmt: skip
    except GuijuError as error:
        if wants_json():
            raise
        return _page(doctype, name, obligation, error), error.status
    return redirect(f"/form/{quote(doctype, safe='')}/{quote(name, safe='')}#signatures", 303)


def _page(doctype: str, name: str, obligation: str, error: GuijuError | None = None) -> str:
    site, user = web.services(), web.current_user()
    record = site.documents.load(user, doctype, name)
    page = FormPage(site, user, doctype, record, web.language())
    owed = _owed(page, obligation) if obligation else None
    return render_template(
        "desk/sign.html", page=page, owed=owed, asked=site.identity.asked(user, session_token()), meanings=site.signing.meanings(),
        may_sign=owed.may_sign or owed.is_signed_for if owed else site.signing.may_sign(user, doctype, record), typed=request.form, error=error,
    )  # fmt: skip


def _owed(page: FormPage, obligation: str) -> InboxItem:
    found = next((item for item in page.obligations if item.obligation.id == obligation), None)
    if found is None:
        raise NotFound(
            Text("没有这项待签事项，它可能已经处理。", "There is no such signature to give; it may be settled already.")
        )
    return found
