"""What people do with their own account: change their password, choose how they are notified."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..access.passwords import MIN_LENGTH
from ..access.user import User
from ..core.errors import Fault, GuijuError, NotSignedIn, TooManyAttempts, ValidationFailed
from ..core.text import Text
from ..documents.notifications.kinds import KINDS
from ..web.errors import wants_json
from ..web.sign_in import PASSWORD_PATH, give_cookie, is_held_up

account = Blueprint("account", __name__)
CHOICES_PATH = "/account/notifications"


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
    return render_template("desk/password.html", error=error, changed=changed, least=MIN_LENGTH, is_held_up=is_held_up())


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
    except (TooManyAttempts, NotSignedIn):  # too many failures from this address, or a code is asked for: sign in anew
        return redirect("/login", 303)
    answer = make_response(redirect(f"{PASSWORD_PATH}?changed", 303))
    give_cookie(answer, token)
    return answer


# How they are notified


@account.get(CHOICES_PATH)
@web.login_required
def choices_form() -> str:
    return _choices_page(kept="kept" in request.args)


@account.post(CHOICES_PATH)
@web.login_required
def choose() -> Response | tuple[str, int]:
    """Keep what was chosen; refused, the page shows it again with every fault."""
    sent = _sent()
    try:
        web.services().notifications.choose(web.current_user(), sent)
    except ValidationFailed as error:
        if wants_json():
            raise
        return _choices_page(error, sent), error.status
    return redirect(f"{CHOICES_PATH}?kept", 303)


def _sent() -> dict[str, Any]:
    """The form as preferences: a channel that was offered and has no box ticked carries nothing."""
    form = request.form
    quiet = form.get("quiet") == "on"
    return {
        "channels": {name: form.getlist(f"channel:{name}") for name in form.getlist("offered")},
        "digest": [kind for kind in KINDS if form.get(f"when:{kind}") == "digest"],
        "digest_hour": form.get("digest_hour"),
        "quiet_from": form.get("quiet_from") if quiet else None,
        "quiet_to": form.get("quiet_to") if quiet else None,
        "zone": form.get("zone", "").strip(),
    }


def _choices_page(error: GuijuError | None = None, sent: dict[str, Any] | None = None, *, kept: bool = False) -> str:
    site = web.services()
    choices = site.notifications.choices(web.current_user())
    chosen = sent or choices.preferences.to_json()
    carried = {
        item.name: set(
            chosen["channels"].get(item.name, item.defaults) if sent else (k for k in KINDS if choices.wants(item, k))
        )
        for item in choices.channels
    }
    return render_template(
        "desk/choices.html", choices=choices, chosen=chosen, carried=carried, kinds=KINDS, error=error, kept=kept,
        zone=site.settings.timezone, zones=sorted(available_timezones()),
    )  # fmt: skip
