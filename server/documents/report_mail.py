"""Reports sent by mail on a schedule (Auto Email Report), each made with the rights of who receives it.

The sweep writes one message for each receiver and period into the queue of messages, whose keys are unique: with two workers, or after a
restart, it is written once. What is enclosed is made when the message is sent. The queue is the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

import structlog
from sqlalchemy import Connection, select

from ..access.directory import load_user
from ..access.permissions import Permissions
from ..access.user import SYSTEM_MANAGER, User
from ..core.clock import Clock
from ..core.errors import Fault, GuijuError, ValidationFailed
from ..core.settings import Settings
from ..core.text import Text
from ..jobs import messages
from ..jobs.messages import Asked, Letter
from ..metadata.model import Model
from ..reporting.model import Report
from ..reporting.schedule import WEEKDAYS, Schedule
from ..storage import records
from ..storage.database import Database
from ..storage.system import metadata
from .calendars import Calendars
from .complete import Record
from .notifications import channel_book
from .notifications.channel_book import Listed
from .notifications.delivery import receivers
from .report_files import ReportFiles
from .reports import ReportService, defaults
from .saved_reports import load_one, may_see
from .snapshot import Snapshot

DOCTYPE, KIND = "Auto Email Report", "report"
EVERY = timedelta(seconds=20)
MOST_SHOWN = 30
LATEST = timedelta(days=3)  # what was due longer ago, while nothing ran, is not sent any more
LINK_TEXT = Text("打开报表", "Open the report")
ENDINGS = {"PDF": "pdf", "Excel": "xlsx"}
log = structlog.get_logger("guiju.report_mail")


class ReportMail:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        settings: Settings,
        reports: ReportService,
        files: ReportFiles,
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._settings = settings
        self._reports = reports
        self._files = files
        self._looked_at: datetime | None = None
        self._done: set[tuple[str, str]] = set()

    def sweep(self) -> int:
        """Write the messages of every report that is due; returns how many schedules were."""
        now = self._clock.now()
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < EVERY:
            return 0
        self._looked_at = now
        with self._database.read() as connection:
            due = [item for item in self._due(connection, now) if (str(item[0]["name"]), item[1]) not in self._done]
        for record, period in due:
            try:
                with self._database.write() as connection:
                    self._write(connection, record, period, now)
            except GuijuError as error:
                log.warning("report not sent", schedule=record["name"], period=period, error=error.text.en)
            self._done.add((str(record["name"]), period))
        return len(due)

    def _due(self, connection: Connection, now: datetime) -> list[tuple[Record, str]]:
        model = self._snapshots().model
        doctype = model.get(DOCTYPE)
        if doctype is None:
            return []
        names = [name for name, head in records.heads(connection, doctype, None).items() if head.get("enabled")]
        if not names:
            return []
        calendar, found = Calendars(connection, model).default(), []
        for record in records.load_many(connection, model, doctype, names).values():
            last = schedule_of(record).last_due(now.astimezone(self._reports.zone), calendar.is_workday)
            if last is not None and now - last[1] <= LATEST and last[1] >= record["creation"]:
                found.append((record, last[0]))
        return found

    def _write(self, connection: Connection, record: Record, period: str, now: datetime) -> None:
        snapshot = self._snapshots()
        channel = next((item for item in channel_book.listed(connection, snapshot) if item.channel.name == "email"), None)
        names = [str(row["user"]) for row in record.get("receivers") or ()]
        for row in record.get("roles") or ():
            names += receivers(connection, {"role": row["role"]})
        heads = records.heads(connection, snapshot.doctype("User"), names)
        for name in dict.fromkeys(names):
            user = load_user(connection, name)
            if user is not None and user.enabled:
                address = str(heads.get(name, {}).get("email") or "").strip()
                self._to(connection, record, period, user, address, channel, now)

    def _to(
        self,
        connection: Connection,
        record: Record,
        period: str,
        user: User,
        address: str,
        channel: Listed | None,
        now: datetime,
    ) -> None:
        language, title = user.language, str(record["title"])
        body = Text("附上报表“{title}”（{period}）。", 'The report "{title}" ({period}) is attached.')
        attach = {
            "report": record["report"], "filters": record.get("filters") or "", "format": record.get("format") or "PDF",
            "user": user.name, "language": language, "period": period,
        }  # fmt: skip
        base = self._settings.base_url.rstrip("/")
        payload = {
            "subject": f"{title} {period}", "body": body.format(title=title, period=period).to(language), "language": language,
            "url": f"{base}/report/{quote(str(record['report']), safe='')}" if base else "",
            "link_text": LINK_TEXT.to(language) if base else "", "attach": attach,
        }  # fmt: skip
        letter = Letter(
            key=f"{KIND}:{record['name']}:{period}:{user.name}", channel="email", target=channel.name if channel else "",
            payload=payload, due_at=now, kind=KIND, user=user.name, address=address, doctype=DOCTYPE, name=str(record["name"]),
        )  # fmt: skip
        if channel is None:
            messages.give_up(connection, letter, now, Text("没有启用的邮件通道", "there is no enabled e-mail channel"))
        elif not address:
            messages.give_up(connection, letter, now, Text("收件人没有邮件地址", "the receiver has no e-mail address"))
        else:
            messages.write(connection, letter, now)

    def send_now(self, record: Record, by: User, *, only_to_me: bool) -> None:
        """Write the messages of a schedule at once, to its receivers or to who asks; pressed twice in a minute it is sent once.

        Raises ValidationFailed where this person may not send it to others.
        """
        now = self._clock.now()
        period = now.astimezone(self._reports.zone).strftime("%Y-%m-%d %H:%M")
        model = self._snapshots().model
        asked = {**record, "receivers": [{"user": by.name}], "roles": []} if only_to_me else record
        with self._database.write() as connection:
            faults = report_mail_faults(connection, model, None, {**asked, "modified_by": by.name})
            if faults:
                raise ValidationFailed(faults[0].text, faults)
            self._write(connection, asked, period, now)

    def sent(self, name: str) -> list[dict[str, Any]]:
        """What a schedule sent lately, to whom and with what result; the newest first."""
        with self._database.read() as connection:
            return messages.log(connection, Asked(kind=KIND, doctype=DOCTYPE, name=name), MOST_SHOWN)

    def enclosed(self, wanted: Mapping[str, Any], reader: Callable[[str], User]) -> tuple[str, bytes] | Text:
        """File name and content for its receiver, under their own rights; why it is left out where they may not have it."""
        language = str(wanted["language"])
        try:
            user = reader(str(wanted["user"]))
            report = self._reports.report(user, str(wanted["report"]))
            asked = {**defaults(report), **dict(parse_qsl(str(wanted.get("filters") or ""), keep_blank_values=True))}
            ending = ENDINGS.get(str(wanted["format"]), "pdf")
            made = self._files.pdf if ending == "pdf" else self._files.xlsx
            return _file_name(report, str(wanted["period"]), language, ending), made(user, report, asked, language)
        except GuijuError as refused:
            if refused.status >= 500:
                raise  # to be tried again
            zh, en = (" ".join(refused.lines(code)) for code in ("zh", "en"))
            return Text(f"（未附报表：{zh}）", f"(The report is not attached: {en})")


def schedule_of(record: Record) -> Schedule:
    """When a record of Auto Email Report is due."""
    at = record.get("send_at")
    weekday = str(record.get("weekday") or "")
    return Schedule(
        frequency=str(record.get("frequency") or "Weekly"),
        at=at if isinstance(at, time) else time(8),
        weekday=WEEKDAYS.index(weekday) if weekday in WEEKDAYS else 0,
        day=int(record.get("day_of_month") or 1),
        on_working_days=bool(record.get("on_working_days")),
    )


def report_mail_faults(connection: Connection, model: Model, before: Record | None, after: Record | None) -> list[Fault]:
    """The guard: there is somebody to send to; to others only with the right *E-mail* on what the report is about."""
    if after is None:
        return []
    named = {str(row.get("user")) for row in after.get("receivers") or ()}
    if not named and not after.get("roles"):
        return [Fault("receivers", Text("请选择收件人。", "Choose who receives it."))]
    if not 1 <= int(after.get("day_of_month") or 1) <= 31:
        return [Fault("day_of_month", Text("应在 1 到 31 之间。", "This should be 1 to 31."))]
    by = load_user(connection, str(after.get("modified_by") or ""))
    doctype = _ref_doctype(connection, model, by, str(after.get("report") or ""))
    if doctype is None:
        return [Fault("report", Text(f"没有报表“{after.get('report')}”。", f'There is no report "{after.get("report")}".'))]
    if by is None or by.has_role(SYSTEM_MANAGER) or (named == {by.name} and not after.get("roles")):
        return []
    if doctype in model and Permissions(model).may(by, "email", doctype):
        return []
    text = Text(
        "只能发给自己；发给他人须有该单据的“发送”权限。",
        "You may send it to yourself; to others with the right E-mail on its records.",
    )
    return [Fault("receivers", text)]


def _ref_doctype(connection: Connection, model: Model, user: User | None, name: str) -> str | None:
    """What a published report, or a saved one that this user sees, is about; None where there is none."""
    asked = select(metadata.c.body).where(metadata.c.kind == "Report", metadata.c.name == name)
    body = connection.execute(asked).scalar()
    if isinstance(body, Mapping):
        return str(body.get("ref_doctype"))
    record = load_one(connection, model, name)
    if record is None or (user is not None and not (may_see(user, record) or user.has_role(SYSTEM_MANAGER))):
        return None
    return str(record.get("ref_doctype"))


def _file_name(report: Report, period: str, language: str, ending: str) -> str:
    title = "".join(character if character.isalnum() or character in " .-_" else "_" for character in report.title.to(language))
    return f"{title.strip()} {period}.{ending}"
