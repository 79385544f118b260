"""The generated format: every DocType prints decently before anybody designs a form for it.

Sections become key-value tables of two pairs a line; child tables, long texts and pictures break out in full width;
approvals and signatures stand at the end.
"""

from __future__ import annotations

from markupsafe import Markup

from . import display
from .blocks import Blocks
from .fields import PICTURES
from .job import PrintJob


def render(job: PrintJob) -> str:
    """The body of the generated format."""
    blocks = Blocks(job)
    parts = [blocks.title(), _origin(blocks)]
    signatures: list[str] = []
    for section in job.layout.sections:
        signatures += [name for name in section.fieldnames if job.layout.fields[name].fieldtype == "Signature"]
        shown = _section(blocks, [name for name in section.fieldnames if job.layout.fields[name].fieldtype != "Signature"])
        if shown:
            parts.append((blocks.section(section.label) if section.label else Markup()) + shown)
    parts.append(blocks.approvals_table())
    if signatures:
        parts.append(blocks.section(job.text("签署", "Signatures")) + blocks.signatures(*signatures))
    return Markup().join(parts)


def _section(blocks: Blocks, names: list[str]) -> Markup:
    """Runs of plain fields as tables of pairs, everything wide between them, in the order of the form."""
    parts: list[Markup] = []
    run: list[str] = []
    for name in names:
        item = blocks.reader.field(name)
        if item.is_table or (item.fieldtype in PICTURES and blocks.reader.raw(item)):
            parts += [blocks.fields(*run), Markup("<h3>{}</h3>").format(item.label)]
            parts.append(blocks.table(name) if item.is_table else blocks.image(name, 90))
            run = []
        else:
            run.append(name)
    return Markup().join([*parts, blocks.fields(*run)])


def _origin(blocks: Blocks) -> Markup:
    """Who made the record and when: a print must show where it comes from."""
    job = blocks.job
    parts = []
    for zh, en, by, at in (("创建", "Created", "owner", "creation"), ("修改", "Modified", "modified_by", "modified")):
        if job.record.get(by) or job.record.get(at):
            shown = f"{blocks.reader.plain(job.record.get(by))} {blocks.reader.plain(job.record.get(at))}"
            parts.append(f"{job.text(zh, en)}: {shown.strip()}" if job.language == "en" else f"{zh}：{shown.strip()}")
    return Markup('<div class="subtitle small">{}</div>').format(display.GAP.join(parts)) if parts else Markup()
