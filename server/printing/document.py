"""The sheet of one job: which words stand in header, footer and watermark."""

from __future__ import annotations

from pathlib import Path

from . import display
from .job import PrintJob
from .page import Page
from .sheet import Sheet, document


def body_document(body: str, page: Page, job: PrintJob, fonts: Path) -> str:
    """The whole HTML document around a cleaned body."""
    form = job.format
    parts = []
    if form and form.form_number:
        parts.append(f"{job.text('表单编号', 'Form')} {form.form_number}")
    if form and form.form_version:
        parts.append(f"{job.text('版本', 'Version')} {form.form_version}")
    printed = f"{job.text('打印', 'Printed')} {display.moment(job.printed_at, job.zone)} {job.printed_by}".strip()
    sheet = Sheet(
        page=page,
        language=job.language,
        company=job.company,
        form_line=" / ".join(parts) or job.label,
        copy_mark=job.copy_mark,
        footer_line=f"{job.label} {job.name}{display.GAP}{printed}",
        watermark=job.watermark,
    )
    return document(body, sheet, fonts)
