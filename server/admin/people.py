"""Passwords and API keys; users and roles themselves are records (`/admin/doc/User`)."""

from __future__ import annotations

from flask import request
from flask_admin import expose

from .. import web
from ..core.errors import GuijuError
from .access import Guarded, say


class PasswordView(Guarded):
    def __init__(self) -> None:
        super().__init__(
            name="密码与密钥 Passwords, keys", endpoint="admin_passwords", url="/admin/passwords", category="人员 People"
        )

    @expose("/", methods=("GET", "POST"))
    def index(self) -> str | tuple[str, int]:
        """Set somebody's password (their sessions end), or make them an API key, shown once."""
        message, error, key = None, None, None
        login = request.form.get("login", "").strip()
        if request.method == "POST":
            site = web.services()
            try:
                site.user(login)
                if request.form.get("action") == "key":
                    key = site.accounts.create_api_key(login)
                else:
                    site.accounts.set_password(login, request.form.get("password", ""))
                    message = say(
                        f"已更改 {login} 的密码，其所有会话已结束。",
                        f"The password of {login} is changed; their sessions have ended.",
                    )
            except GuijuError as refused:
                error = refused
        page = self.render(
            "guiju_admin/passwords.html",
            message=message,
            error=error,
            key=key,
            login=login,
        )
        return page if error is None else (page, error.status)
