"""What people do with their own account: change their password."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..access.passwords import MIN_LENGTH
from ..access.user import User
from ..core.errors import Fault, GuijuError, TooManyAttempts, ValidationFailed
from ..core.text import Text
from ..web.errors import wants_json
from ..web.sign_in import give_cookie

account = Blueprint("account", __name__)
PASSWORD_PATH = "/account/password"


@account.get(PASSWORD_PATH)
@web.login_required
def password_form() -> str:
    return _page(changed="changed" in request.args)


@account.post(PASSWORD_PATH)
@web.login_required
def change_password() -> Response | tuple[str, int]:
    """All sessions of the user end; whoever changed it goes on in a new one."""
    user, wanted = web.current_user(), request.form.get("password", "")
    try:
        _require_same(wanted, request.form.get("again", ""))
        web.services().accounts.change_password(user, request.form.get("present", ""), wanted)
    except (ValidationFailed, TooManyAttempts) as error:
        if wants_json():
            raise
        return _page(error), error.status
    return _go_on(user, wanted)


def _page(error: GuijuError | None = None, *, changed: bool = False) -> str:
    return render_template("desk/password.html", error=error, changed=changed, least=MIN_LENGTH)


def _require_same(wanted: str, again: str) -> None:
    if wanted != again:
        raise ValidationFailed(
            Text("密码未更改：", "The password was not changed:"),
            [Fault("again", Text("两次输入的新密码不一致。", "The two entries of the new password differ."))],
        )


def _go_on(user: User, password: str) -> Response:
    try:
        token, _ = web.services().accounts.sign_in(
            user.name, password, request.remote_addr or "", request.headers.get("User-Agent", "")
        )
    except TooManyAttempts:  # too many failures from this address: the new password is for later
        return redirect("/login", 303)
    answer = make_response(redirect(f"{PASSWORD_PATH}?changed", 303))
    give_cookie(answer, token)
    return answer
