"""Who may use the admin UI: people with the role System Manager, and the Administrator."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask_admin import BaseView
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import PermissionRefused
from ..core.text import Text

ADMIN_ROLE = "System Manager"


class Guarded(BaseView):
    """A view for administrators; others are sent to sign in, or told that they may not."""

    def is_accessible(self) -> bool:
        user = web.current_user_or_none()
        return user is not None and (user.is_administrator or user.has_role(ADMIN_ROLE))

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:
        if web.current_user_or_none() is None:
            return redirect(f"/login?next={request.path}")
        raise PermissionRefused(
            Text(f"管理后台只供角色“{ADMIN_ROLE}”使用。", f'The admin UI is for people with the role "{ADMIN_ROLE}".')
        )


def say(zh: str, en: str) -> str:
    """A text in the reader's language."""
    return Text(zh, en).to(web.language())
