"""Passwords, API keys, and who may do what; users and roles themselves are records (`/admin/doc/User`)."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..access.permissions import ACTION_TEXTS
from ..core.errors import GuijuError
from ..desk.presenting import role_titles
from ..documents.rights import COMPARED, Rights
from .access import Guarded, say
from .label import PEOPLE, Label


class PasswordView(Guarded):
    def __init__(self) -> None:
        super().__init__(name=Label("密码", "Passwords"), endpoint="admin_passwords", url="/admin/passwords", category=PEOPLE)

    @expose("/", methods=("GET", "POST"))
    def index(self) -> str | tuple[str, int]:
        """Set somebody's password; their sessions end."""
        message, error = None, None
        login = request.form.get("login", request.args.get("login", "")).strip()
        if request.method == "POST":
            site, by = web.services(), web.current_user().name
            try:
                found = site.user(login)
                site.accounts.set_password(login, request.form.get("password", ""), temporary=login != by, by=by)
                message = say(
                    f"已更改 {login} 的密码，其所有会话已结束；本人登录后须先改为自己的密码。",
                    f"The password of {login} is changed; their sessions have ended. They must choose their own when they sign in.",
                )
                if not found.enabled:
                    message += say(
                        "该账号仍处于停用状态，不能登录；在用户记录中启用。",
                        " The account stays disabled and cannot sign in; enable it in the user's record.",
                    )
            except GuijuError as refused:
                error = refused
        page = self.render("guiju_admin/passwords.html", message=message, error=error, login=login)
        return page if error is None else (page, error.status)

    @expose("/second-factor", methods=("POST",))
    def reset(self) -> Response:
        """Take away the authenticator of somebody who lost it; their sessions end."""
        login = request.form.get("login", "").strip()
        if web.services().identity.reset_second_factor(login, by=web.current_user().name):
            flash(
                say(
                    f"已重置 {login} 的验证器，其所有会话已结束。",
                    f"The authenticator of {login} is reset; their sessions have ended.",
                ),
                "success",
            )
        else:
            flash(say(f"{login} 没有启用验证器。", f"{login} has no authenticator."), "error")
        return redirect(url_for("admin_passwords.index"))


class RightsView(Guarded):
    """Who can do what and why: one user, or everybody, on one DocType or on one of its records."""

    def __init__(self) -> None:
        super().__init__(name=Label("权限查询", "Rights"), endpoint="admin_rights", url="/admin/rights", category=PEOPLE)

    @expose("/")
    def index(self) -> str | tuple[str, int]:
        site, reader = web.services(), web.current_user()
        asked = {key: request.args.get(key, "").strip() for key in ("login", "doctype", "name")}
        rights: list[Rights] = []
        error = None
        if asked["doctype"]:
            try:
                if asked["login"]:
                    rights = [site.rights.of_user(reader, site.user(asked["login"]), asked["doctype"], asked["name"] or None)]
                else:
                    rights = site.rights.of_everybody(reader, asked["doctype"], asked["name"] or None)
            except GuijuError as refused:
                error = refused
        page = self.render(
            "guiju_admin/rights.html", asked=asked, rights=rights, compared=COMPARED, texts=ACTION_TEXTS, error=error,
            titles=_role_titles(rights),
            users=site.queries.list(reader, "User", fields=["name", "full_name"], order_by="name", limit=500).rows,
            doctypes=[item for item in site.snapshot().model if not item.istable],
        )  # fmt: skip
        return page if error is None else (page, error.status)


def _role_titles(rights: list[Rights]) -> dict[str, str]:
    """What people call the roles that a workflow names."""
    roles = {right.role for one in rights if one.workflow is not None for right in one.workflow.given}
    return role_titles(sorted(roles))


class KeysView(Guarded):
    """Everybody's API keys: making one (its secret is shown once), seeing when it was used, revoking it."""

    def __init__(self) -> None:
        super().__init__(name=Label("API 密钥", "API keys"), endpoint="admin_keys", url="/admin/keys", category=PEOPLE)

    @expose("/", methods=("GET", "POST"))
    def index(self) -> str | tuple[str, int]:
        made, error = None, None
        login = request.form.get("login", request.args.get("login", "")).strip()
        title = request.form.get("title", "").strip()
        site = web.services()
        if request.method == "POST":
            try:
                made = site.accounts.create_api_key(login, title, by=web.current_user().name)
            except GuijuError as refused:
                error = refused
        only = request.args.get("login", "").strip()
        keys = site.accounts.keys_of(only) if only else site.accounts.all_keys()
        names = site.queries.titles(web.current_user(), "User", {item.user for item in keys})
        page = self.render(
            "guiju_admin/keys.html", keys=keys, names=names, made=made, error=error, login=login, title=title, only=only
        )
        return page if error is None else (page, error.status)

    @expose("/revoke", methods=("POST",))
    def revoke(self) -> Response:
        key = request.form.get("key", "")
        if web.services().accounts.revoke_api_key(key, by=web.current_user().name):
            flash(say(f"已吊销密钥 {key}，立即失效。", f"The key {key} is revoked and no longer works."), "success")
        else:
            flash(say(f"没有有效的密钥 {key}。", f"There is no key {key} in force."), "error")
        return redirect(url_for("admin_keys.index"))
