"""`PrintService`: a record as PDF. The only part of this package that the rest of the server calls."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..core import translations
from ..core.errors import GuijuError, ValidationFailed
from ..core.settings import Settings
from ..core.text import EMPTY, Text
from ..metadata.model import CANCELLED, DRAFT, SUBMITTED, DocType, Model
from .context import PrintContext
from .format import PrintFormat
from .glyphs import undrawable
from .imposing import joined
from .job import PrintJob
from .layout import layout_of, scope_of
from .paper import PaperJob
from .seen import PagesJob
from .worker import Reply, WorkerLost, Workers, WorkersBusy, WorkerTimeout

log = logging.getLogger(__name__)

_STATUS = {DRAFT: Text("草稿", "Draft"), SUBMITTED: Text("已提交", "Submitted"), CANCELLED: Text("已作废", "Cancelled")}
_WATERMARKS = {DRAFT: Text("草稿", "Draft"), CANCELLED: Text("作废", "Cancelled")}


class PrintFailed(GuijuError):
    """No PDF could be made; the text says why and what to do."""

    status = 500
    exc_type = "PrintError"
    block = ""  # of a designed format: the block that failed, `blocks[2]`


class PrintService:
    """Prints records in worker processes; `fonts` is the folder of the print fonts, `before` is called before the work, which lasts."""

    def __init__(self, settings: Settings, fonts: Path, before: Callable[[], None] = lambda: None) -> None:
        self._before = before
        self._settings = settings
        self._zone = ZoneInfo(settings.timezone)
        self._fonts = fonts
        self._workers = Workers(fonts, settings.print_timeout_seconds)

    def render(
        self, doctype: DocType, record: Mapping[str, Any], format: PrintFormat | None, model: Model, context: PrintContext
    ) -> bytes:
        """The PDF of a record as its reader may see it; without a format the generated one, with a workbook an Excel file.

        Raises PrintFailed.
        """
        sheets = self.sheets(doctype, record, format, model, context)
        return sheets[0] if format and format.workbook else joined(sheets, two_up=bool(format and format.page.two_up))

    def sheets(
        self, doctype: DocType, record: Mapping[str, Any], format: PrintFormat | None, model: Model, context: PrintContext
    ) -> list[bytes]:
        """A PDF for each copy of a record, not yet put together. Raises PrintFailed."""
        job = self._job(doctype, record, format, model, context)
        marks = format.copies if format and not format.workbook else ()
        copies = [replace(job, copy_mark=mark.to(context.language)) for mark in marks] or [job]
        return [self._printed(doctype, one) for one in copies]

    def _printed(self, doctype: DocType, job: PrintJob) -> bytes:
        reply = self._produce(job)
        if reply.failure:
            log.error("printing %s %s failed: %s", doctype.name, job.name, reply.reason[1])
            raise _failure(job, reply)
        for note in reply.notes:
            log.warning("printing %s %s: %s", doctype.name, job.name, note)
        return reply.pdf

    def paper(self, job: PaperJob) -> bytes:
        """The PDF of a document that is no record. Raises PrintFailed."""
        reply = self._produce(job)
        if reply.failure:
            log.error("printing %s failed: %s", job.title, reply.reason[1])
            raise _failure(job, reply)
        return reply.pdf

    def pages(self, file: Path, filename: str) -> tuple[int, list[str]]:
        """The number of pages of a PDF that somebody attached, and pictures of the first. Raises ValidationFailed."""
        self.about_to_last()
        try:
            reply = self._workers.render(PagesJob(file.resolve(), filename))
        except (WorkerTimeout, WorkersBusy, WorkerLost) as error:
            log.warning("drawing the pages of %s: %s", filename, type(error).__name__)
            raise _no_pages(filename) from error
        if reply.failure:
            raise _no_pages(filename)
        found = json.loads(reply.pdf)
        return found["count"], found["pages"]

    def about_to_last(self) -> None:
        """What is called before the work; by whoever prints in threads of its own as well, for a request's view stays with its thread."""
        self._before()

    def undrawable(self, text: str) -> str:
        """The characters of a text that the print font does not have."""
        return undrawable(text, self._fonts / "GuijuSans-Regular.ttf")

    def close(self) -> None:
        """End the worker processes."""
        self._workers.close()

    def _job(
        self, doctype: DocType, record: Mapping[str, Any], form: PrintFormat | None, model: Model, context: PrintContext
    ) -> PrintJob:
        plain = dict(record)
        scope = scope_of(plain, context.user, context.now)
        title = form.title if form and form.title else doctype.label or Text.of(doctype.name)
        docstatus = int(plain.get("docstatus") or DRAFT) if doctype.is_submittable else -1
        return PrintJob(
            doctype=doctype.name,
            label=(doctype.label or Text.of(doctype.name)).to(context.language),
            title=title.to(context.language),
            record=plain,
            layout=layout_of(doctype, model, context.language, plain, scope),
            language=context.language,
            zone=self._zone,
            company=context.company,
            printed_at=context.now,
            printed_by=context.printed_by,
            format=form,
            status=(context.state or _STATUS.get(docstatus, EMPTY)).to(context.language),
            watermark=_WATERMARKS.get(docstatus, EMPTY).to(context.language),
            link_titles=dict(context.link_titles),
            approvals=tuple(dict(item) for item in context.approvals),
            signatures=tuple(dict(item) for item in context.signatures),
            images=dict(context.images),
            linked={key: [dict(row) for row in rows] for key, rows in context.linked.items()},
            record_address=context.record_address,
            catalogue=translations.catalogue(context.language),
        )

    def _produce(self, job: PrintJob | PaperJob) -> Reply:
        what = _what(job)
        self.about_to_last()
        try:
            return self._workers.render(job)
        except WorkerTimeout:
            seconds = self._settings.print_timeout_seconds
            log.error("printing %s took more than %s s; the process was killed", what.en, seconds)
            raise PrintFailed(
                Text(
                    f"{what.zh}打印超过 {seconds} 秒，已停止。请减少明细行或长文本，或请管理员检查打印格式{_named(job, 'zh')}。",
                    f"Printing {what.en} took more than {seconds} seconds and was stopped. Print fewer rows or shorter texts, "
                    f"or ask an administrator to look at the print format{_named(job, 'en')}.",
                )
            ) from None
        except WorkersBusy:
            raise PrintFailed(
                Text(
                    f"正在打印的单据太多，{what.zh}未打印，请稍后再试。",
                    f"Too much is being printed; {what.en} was not. Please try again.",
                )
            ) from None
        except WorkerLost as error:
            log.exception("printing %s: the process was lost", what.en)
            raise PrintFailed(
                Text(
                    f"{what.zh}未能打印：打印进程中断（{error}）。请重试；仍不行时请管理员运行 guiju doctor。",
                    f"{what.en} could not be printed: the print process stopped ({error}). Try again; if it persists, ask an "
                    f"administrator to run guiju doctor.",
                )
            ) from error


def _no_pages(filename: str) -> ValidationFailed:
    return ValidationFailed(
        Text(
            f"“{filename}”的页面无法显示（可能已损坏、加密或过大），请打开文件查看。",
            f'The pages of "{filename}" cannot be shown (damaged, protected or too large); open the file instead.',
        )
    )


def _failure(job: PrintJob | PaperJob, reply: Reply) -> PrintFailed:
    what = _what(job)
    zh, en = reply.reason
    if reply.failure == "template" and isinstance(job, PrintJob) and job.format:
        block = job.format.written().place_at(reply.line) if job.format.blocks and reply.line else ""
        place = (
            (f" {block}", f", {block}") if block else (f" {reply.line} 行", f", line {reply.line}") if reply.line else ("", "")
        )
        failed = PrintFailed(
            Text(
                f"{what.zh}未能打印：打印格式{_named(job, 'zh')}{place[0]}：{zh}。请管理员修改该格式。",
                f"{what.en} could not be printed: print format{_named(job, 'en')}{place[1]}: {en}. "
                "An administrator has to mend it.",
            )
        )
        failed.block = block
        return failed
    if reply.failure == "template":  # of the generated format: a block said what is too much
        return PrintFailed(Text(f"{what.zh}未能打印：{zh}。", f"{what.en} could not be printed: {en}."))
    return PrintFailed(
        Text(
            f"{what.zh}未能打印：内容无法排版（{zh}）。请减少内容，或请管理员检查打印格式{_named(job, 'zh')}。",
            f"{what.en} could not be printed: its content cannot be laid out ({en}). Shorten it, "
            f"or ask an administrator to look at the print format{_named(job, 'en')}.",
        )
    )


def _what(job: PrintJob | PaperJob) -> Text:
    if isinstance(job, PaperJob):
        return Text(f"“{job.title}”", f'"{job.title}"')
    return Text(f"{job.label} {job.name} ", f"{job.label} {job.name}")


def _named(job: PrintJob | PaperJob, language: str) -> str:
    if isinstance(job, PaperJob) or job.format is None:
        return ""
    return f"“{job.format.name}”" if language == "zh" else f' "{job.format.name}"'
