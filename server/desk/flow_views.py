"""What people do with a record's workflow on its own page beside its actions: decide, send back, pass on, add a signer, withdraw, urge,
send a copy. One address; the button that was pressed says which."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError
from .form_views import form_url, refused_page

flows = Blueprint("flows", __name__)


@flows.post("/flow/<doctype>/<path:name>")
@web.login_required
def act(doctype: str, name: str) -> Response | tuple[str, int]:
    done = _DONE.get(request.form.get("do", ""))
    if done is None:
        abort(400)
    try:
        done(doctype, name)
    except GuijuError as error:
        return refused_page(doctype, name, error)
    return redirect(form_url(doctype, name), 303)


def _typed(field: str) -> str:
    return request.form.get(field, "").strip()


def _decide(decision: str) -> Callable[[str, str], None]:
    def run(doctype: str, name: str) -> None:
        web.services().inbox.decide(
            web.current_user(), _typed("obligation"), decision, _typed("comment"), _typed("content_hash") or None
        )

    return run


def _send_back(doctype: str, name: str) -> None:
    web.services().workflows.send_back(web.current_user(), _typed("obligation"), _typed("to"), _typed("comment"))


def _transfer(doctype: str, name: str) -> None:
    web.services().workflows.transfer(web.current_user(), _typed("obligation"), _typed("person"), _typed("comment"))


def _signer(before: bool) -> Callable[[str, str], None]:
    def run(doctype: str, name: str) -> None:
        web.services().workflows.add_signer(
            web.current_user(), _typed("obligation"), _typed("person"), before=before, comment=_typed("comment")
        )

    return run


def _withdraw(doctype: str, name: str) -> None:
    web.services().workflows.withdraw(web.current_user(), doctype, name, _typed("comment"))


def _urge(doctype: str, name: str) -> None:
    web.services().workflows.urge(web.current_user(), doctype, name, _typed("comment"))


def _copy(doctype: str, name: str) -> None:
    web.services().workflows.copy_to(web.current_user(), doctype, name, [_typed("person")], _typed("comment"))


_DONE: Mapping[str, Callable[[str, str], None]] = {
    "approved": _decide("approved"), "rejected": _decide("rejected"), "send_back": _send_back, "transfer": _transfer,
    "signer_before": _signer(True), "signer_after": _signer(False), "withdraw": _withdraw, "urge": _urge, "copy": _copy,
}  # fmt: skip
