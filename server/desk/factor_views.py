"""One's own second factor: an authenticator on a phone, turned on with a QR code and a first code of it."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from .. import web
from ..core.errors import GuijuError, TooManyAttempts, ValidationFailed
from ..printing.qr import qr_path
from ..web.errors import wants_json
from ..web.sign_in import SECOND_FACTOR_PATH, is_held_up, session_token

factors = Blueprint("factors", __name__)


@factors.get(SECOND_FACTOR_PATH)
@web.login_required
def show() -> str:
    return _page()


@factors.post(SECOND_FACTOR_PATH)
@web.login_required
def change() -> str | tuple[str, int]:
    """`_action`: begin and end ask for the password, confirm for a code; the recovery codes are shown this once."""
    identity, user, action = web.services().identity, web.current_user(), request.form.get("_action", "")
    codes: list[str] = []
    try:
        if action == "begin":
            identity.begin_second_factor(user, request.form.get("password", ""))
        elif action == "confirm":
            codes = identity.confirm_second_factor(user, request.form.get("code", ""), session_token())
        elif action == "end":
            identity.end_second_factor(user, request.form.get("password", ""))
    except (ValidationFailed, TooManyAttempts) as error:
        if wants_json():
            raise
        return _page(error), error.status
    return _page(codes=codes)


def _page(error: GuijuError | None = None, codes: list[str] | None = None) -> str:
    identity, user = web.services().identity, web.current_user()
    factor = identity.second_factor(user)
    is_begun = factor is not None and factor.confirmed_at is None
    return render_template(
        "desk/second_factor.html", factor=factor, codes=codes or [], error=error, left=identity.codes_left(user),
        picture=qr_path(identity.address_of(factor)) if factor and is_begun else None,
        secret=" ".join(factor.secret[at : at + 4] for at in range(0, 32, 4)) if factor and is_begun else "",
        is_held_up=is_held_up(),
    )  # fmt: skip
