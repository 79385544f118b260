"""The generated format: every DocType prints decently before anybody designs a form for it.

Sections become key-value tables of two pairs a line; child tables, long texts and pictures break out in full width;
approvals and signatures stand at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from . import display
from .blocks import Blocks
from .fields import FIXED_HTML, PrintField, PrintSection
from .job import PrintJob
from .page import Page


def render(job: PrintJob) -> tuple[Page, str]:
    """Page and body of the generated format: upright, unless a child table has more columns than fit side by side."""
    upright, across = Page(), Page(orientation="landscape")
    blocks = Blocks(job, upright)
    names = (name for section in job.layout.sections for name in section.fieldnames)
    if all(blocks.table_fits(name) for name in names if job.layout.fields[name].is_table):
        return upright, _body(blocks)
    return across, _body(Blocks(job, across))


def _body(blocks: Blocks) -> Markup:
    job = blocks.job
    parts = [blocks.title(), _origin(blocks)]
    signatures: list[str] = []
    for section in _headed(job.layout.sections):
        signatures += [name for name in section.fieldnames if job.layout.fields[name].fieldtype == "Signature"]
        names = [name for name in section.fieldnames if job.layout.fields[name].fieldtype != "Signature"]
        if shown := _section(blocks, names, section.label):
            parts.append((blocks.section(section.label) if _needs_heading(job, section.label, names) else Markup()) + shown)
    parts.append(blocks.approvals_table())
    if signatures:
        parts.append(blocks.section(job.text("签署", "Signatures")) + blocks.signatures(*signatures))
    parts.append(blocks.e_signatures())
    return Markup().join(parts)


def _headed(sections: Iterable[PrintSection]) -> list[PrintSection]:
    """A section without a heading only parts lines on the screen; on paper it goes on from the one before."""
    found: list[PrintSection] = []
    for section in sections:
        if found and not section.label:
            found[-1] = PrintSection(found[-1].label, found[-1].fieldnames + section.fieldnames)
        else:
            found.append(section)
    return found


def _needs_heading(job: PrintJob, label: str, names: list[str]) -> bool:
    """A section of one plain field of the same name would say its name twice."""
    only = job.layout.fields[names[0]] if len(names) == 1 else None
    return bool(label) and not (only and only.label == label and not only.is_table)


def _section(blocks: Blocks, names: list[str], heading: str) -> Markup:
    """Runs of plain fields as tables of pairs, everything wide between them, in the order of the form."""
    parts: list[Markup] = []
    run: list[str] = []
    for name in _without_gaps(blocks, names):
        item = blocks.reader.field(name)
        if _breaks_out(blocks, item):
            is_named = name == names[0] and item.label == heading  # the section's heading has just said it
            parts += [blocks.fields(*run), Markup() if is_named else Markup("<h3>{}</h3>").format(item.label)]
            parts.append(blocks.table(name) if item.is_table else blocks.image(name, 90))
            run = []
        else:
            run.append(name)
    return Markup().join([*parts, blocks.fields(*run)])


def _breaks_out(blocks: Blocks, item: PrintField) -> bool:
    """Whether the field stands by itself in full width; an empty table or picture is one line among the others."""
    if item.is_table:
        return bool(blocks.reader.rows(item)) and item.print_as != "tags"
    return item.print_as == "picture" and bool(blocks.reader.raw(item))


def _without_gaps(blocks: Blocks, names: list[str]) -> Iterator[str]:
    """The order of the form, but a whole-line field waits for the second of a pair rather than leave its place empty."""
    waiting: list[str] = []
    is_half = False
    for name in names:
        item = blocks.reader.field(name)
        if blocks.is_wide(item) and is_half:
            waiting.append(name)
            continue
        stands_apart = _breaks_out(blocks, item) or item.fieldtype == FIXED_HTML
        if stands_apart:
            yield from waiting
            waiting.clear()
        yield name
        is_half = not (is_half or stands_apart or blocks.is_wide(item))
        if not is_half:
            yield from waiting
            waiting.clear()
    yield from waiting


def _origin(blocks: Blocks) -> Markup:
    """Who made the record and when: a print must show where it comes from."""
    job = blocks.job
    parts = []
    for zh, en, by, at in (("创建：", "Created: ", "owner", "creation"), ("修改：", "Modified: ", "modified_by", "modified")):
        if shown := Markup(" ").join(value for value in (blocks.value(by), blocks.value(at)) if value):
            parts.append(Markup("{}{}").format(job.text(zh, en), shown))
    return Markup('<div class="subtitle small">{}</div>').format(Markup(display.GAP).join(parts)) if parts else Markup()
