"""What people do about obligations, over REST."""

from __future__ import annotations

from .. import web
from ..documents.owed_bulk import BULK_ACTS
from .arguments import Arguments, refuse
from .methods import WRITING, method


@method("guiju.obligation.act", WRITING)
def act(arguments: Arguments) -> str:
    """Do something about one obligation; answers the state that it has then."""
    site, user, obligation = web.services(), web.current_user(), arguments.required("obligation")
    action = next((one for one in BULK_ACTS if one == arguments.required("action")), None)
    if action is None:
        known = ", ".join(BULK_ACTS)
        raise refuse("action", f"应为 {known} 之一。", f"expected one of {known}.")
    site.owed_bulk.one(
        user, action, obligation, reason=arguments.text("reason") or "", person=arguments.text("person") or "",
        seen=arguments.text("content_hash"),
    )  # fmt: skip
    return site.inbox.owed(user, obligation).state
