"""All e-signatures of the site: who signed what, when, what for, and what still holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import Response, request
from flask_admin import expose

from .. import web
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..documents.signature_report import PAGE, Wanted
from ..documents.signed_content import Signature
from ..exchange.csv_list import csv_table
from .access import Guarded, say
from .label import OPERATION, Label

HEADS = (
    Text("序号", "No."), Text("签名时间", "Time"), Text("签名人", "Signed by"), Text("登录名", "Login"), Text("含义", "Meaning"),
    Text("单据类型", "Record type"), Text("编号", "Record"), Text("版本", "Version"), Text("说明", "Reason"), Text("凭据", "Proven by"),
    Text("状态", "State"), Text("失效时间", "Void since"), Text("更改人", "Changed by"), Text("内容哈希", "Content hash"),
)  # fmt: skip
METHODS: Mapping[str, Text] = {
    "password": Text("密码", "password"),
    "code": Text("验证码", "code"),
    "password+code": Text("密码和验证码", "password and code"),
}


class SignaturesView(Guarded):
    def __init__(self) -> None:
        super().__init__(
            name=Label("电子签名", "E-signatures"), endpoint="admin_signatures", url="/admin/signatures", category=OPERATION
        )

    @expose("/")
    def index(self) -> str:
        site, reader = web.services(), web.current_user()
        asked = {key: request.args.get(key, "").strip() for key in ("signer", "meaning", "doctype", "since", "until", "state")}
        error, found = None, []
        try:
            found = site.signature_report.page(reader, _wanted(asked), before=request.args.get("before", type=int))
        except ValidationFailed as refused:
            error = refused
        model = site.snapshot().model
        return self.render(
            "guiju_admin/signatures.html", found=found, asked=asked, error=error, more=len(found) == PAGE, methods=METHODS,
            meanings=site.signing.meanings(), doctypes={item.name: item.label for item in model if not item.istable},
            address=urlencode({key: value for key, value in asked.items() if value}),
        )  # fmt: skip

    @expose("/csv")
    def csv(self) -> Response:
        asked = {key: request.args.get(key, "").strip() for key in ("signer", "meaning", "doctype", "since", "until", "state")}
        found = web.services().signature_report.all(web.current_user(), _wanted(asked))
        heads = [head.to(web.language()) for head in HEADS]
        return web.csv_file(say("电子签名", "E-signatures"), csv_table(heads, _rows(found)))


def _wanted(asked: Mapping[str, str]) -> Wanted:
    until = _day(asked, "until")
    state = asked["state"]
    return Wanted(
        asked["signer"], asked["meaning"], asked["doctype"], _day(asked, "since"),
        until + timedelta(days=1) if until else None, "valid" if state == "valid" else "void" if state == "void" else "",
    )  # fmt: skip


def _day(asked: Mapping[str, str], name: str) -> datetime | None:
    """The beginning of a day in the site's zone. Raises ValidationFailed."""
    if not asked[name]:
        return None
    try:
        return datetime.strptime(asked[name], "%Y-%m-%d").replace(tzinfo=web.services().zone)
    except ValueError:
        text = Text(f"日期“{asked[name]}”应写作 2026-03-31。", f'The date "{asked[name]}" should read like 2026-03-31.')
        raise ValidationFailed(text, [Fault(name, text)]) from None


def _moment(at: datetime | None) -> str:
    return at.astimezone(web.services().zone).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _rows(found: Iterator[Signature]) -> Iterator[list[str | int]]:
    language = web.language()
    model = web.services().snapshot().model
    for item in found:
        label = model[item.doctype].label.to(language) if item.doctype in model else item.doctype
        state = say("有效", "valid") if item.is_valid else say("已失效", "void")
        yield [
            item.number, _moment(item.at), item.full_name, item.signer, item.meaning_title.to(language), label, item.name, item.version,
            item.reason or "", METHODS[item.method].to(language), state, _moment(item.voided_at), item.voided_by or "", item.content_hash,
        ]  # fmt: skip
