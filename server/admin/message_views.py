"""Messages that leave the product: the log with what was asked and answered, sending again, and testing a channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError
from ..core.text import Text
from ..documents.notifications.kinds import KINDS
from ..documents.report_mail import KIND as REPORT
from ..jobs.channels import Outcome, channels
from ..jobs.messages import STATE_TEXTS, Asked
from .access import Guarded, say
from .label import OPERATION, Label

FILTERS = ("state", "channel", "target", "kind", "user", "doctype", "name")


class MessagesView(Guarded):
    def __init__(self) -> None:
        super().__init__(
            name=Label("消息记录", "Messages"), endpoint="admin_messages", url="/admin/messages", category=OPERATION
        )

    @expose("/")
    def index(self) -> str:
        """The newest messages that fit the filters, a page at a time."""
        return self._page()

    @expose("/<int:number>")
    def one(self, number: int) -> str:
        """One message; what it says only to who may read the record that it is about."""
        found = web.services().notifications.message(number)
        return self.render("guiju_admin/message.html", item=found, is_seen=_is_seen(found), **_words())

    @expose("/<int:number>/again", methods=("POST",))
    def again(self, number: int) -> Response:
        try:
            web.services().notifications.send_again(number)
            flash(say("将立即再次发送。", "It will be sent again now."), "success")
        except GuijuError as error:
            flash(error.text.to(web.language()), "error")
        return redirect(url_for(".one", number=number))

    @expose("/test", methods=("POST",))
    def test(self) -> str | tuple[str, int]:
        """Send a test message through a channel or webhook, and show what came back."""
        channel, _, target = request.form.get("target", "").partition(":")
        address = request.form.get("address", "")
        try:
            outcome = web.services().notifications.test(web.current_user(), channel, target, address)
        except GuijuError as error:
            return self._page(error=error, tested=f"{channel}:{target}", address=address), error.status
        return self._page(outcome=outcome, tested=f"{channel}:{target}", address=address)

    def _page(
        self, outcome: Outcome | None = None, error: GuijuError | None = None, tested: str = "", address: str = ""
    ) -> str:
        site = web.services()
        wanted = {name: request.args.get(name, "").strip() for name in FILTERS}
        found = site.notifications.log(Asked(**wanted, before=request.args.get("before", type=int)))
        about = {(item["doctype"], item["name"]) for item in found if item["doctype"]}
        return self.render(
            "guiju_admin/messages.html", messages=found, wanted=wanted, backlog=site.notifications.backlog(),
            targets=site.notifications.targets(), readable=site.queries.readable(web.current_user(), about), outcome=outcome,
            error=error, tested=tested, address=address,
            names=site.queries.titles(web.current_user(), "User", {item["user"] for item in found if item["user"]}), **_words(),
        )  # fmt: skip


def _is_seen(item: Mapping[str, Any]) -> bool:
    about = (str(item["doctype"]), str(item["name"]))
    return not item["doctype"] or about in web.services().queries.readable(web.current_user(), {about})


def _words() -> dict[str, Any]:
    return {"states": STATE_TEXTS, "kinds": _kinds(), "channels": {name: channel.label for name, channel in channels().items()}}


def _kinds() -> dict[str, Text]:
    """What a message is about: what people choose their channels by, reports that are sent by mail, the events of webhooks."""
    webhook = web.services().snapshot().model.get("Webhook")
    event = webhook.by_name.get("webhook_docevent") if webhook is not None else None
    events = {choice: event.choice_label(choice) for choice in event.choices} if event is not None else {}
    return {**KINDS, REPORT: Text("定时报表", "Reports by mail"), **events}
