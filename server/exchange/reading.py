"""All pieces of metadata read together: one model, its rules, workflows, print formats, reports and list views.

What comes to be published is checked, each piece by itself and all against each other; what is in force was checked when it was
published and is read as it stands. No site and no SQL here: `guiju check` reads files the same way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.errors import Fault, MetadataInvalid
from ..core.ids import digest
from ..core.remembered import Remembered
from ..documents.snapshot import Workflows
from ..metadata.check import check_model
from ..metadata.check_shape import check_shape
from ..metadata.dangling import without_dangling
from ..metadata.list_view import ShippedView, check_list_view, check_list_views, read_list_view
from ..metadata.load import read_doctype
from ..metadata.model import Model
from ..metadata.settling import settled
from ..printing.check import check_templates
from ..printing.format import PrintFormat, check_format, read_format
from ..reporting.check import check_report_shape, check_reports
from ..reporting.model import Report, read_report
from ..rulebook.analysis import rule_warnings
from ..rulebook.check import check_rule_shape, check_rules, table_warnings
from ..rulebook.model import Rule
from ..rulebook.read import read_rule
from ..workflow.check import check_workflows
from ..workflow.model import Workflow
from ..workflow.read import check_workflow_shape, read_as_far_as_possible
from ..workflow.statefield import with_state_fields
from .packs import Source

Checker = Callable[[Any, str], list[Fault]]
Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class MetadataRead:
    """What the pieces say together; `warnings` only where they were checked."""

    model: Model
    rules: tuple[Rule, ...]
    formats: Mapping[str, PrintFormat]
    workflows: tuple[Workflow, ...]
    reports: Mapping[str, Report]
    list_views: tuple[ShippedView, ...]
    warnings: tuple[Fault, ...] = ()


def read_in_force(sources: Iterable[Source], version: int, past: Sequence[Workflow]) -> MetadataRead:
    """What was checked when it was published. `past` are the workflows that were ever in force: records still wear their states."""
    pieces = _read_pieces(_settled(sources, told=[]))
    _, _, model = _models(pieces, version, past)
    return _joined(pieces, model)


def read_and_check(sources: Iterable[Source]) -> MetadataRead:
    """What is to be published, or stands in files. Raises MetadataInvalid with every fault."""
    told: list[Fault] = []
    given = list(_settled(sources, told))
    pieces, faults = _check_pieces(given)
    whole, plain, model = _models(pieces, version=0)
    checked = check_model(whole, _files(pieces["DocType"]))
    unread = {source.name for source in given if source.kind == "DocType"} - {item.name for item in whole}
    flows = [item for item in pieces["Workflow"].values() if item.document_type not in unread]
    flow_check = check_workflows(flows, plain, _files(pieces["Workflow"]))
    faults += [*checked.faults, *_against_model(pieces, model, unread), *flow_check.faults]
    if faults:
        raise MetadataInvalid.of(faults)
    rules, files = pieces["Rule"].values(), _files(pieces["Rule"])
    weak = (*table_warnings(rules, model, files), *rule_warnings(rules, model, files))
    return _joined(pieces, model, (*told, *checked.warnings, *flow_check.warnings, *weak))


def read_sources(sources: Sequence[Source]) -> tuple[Model, tuple[Rule, ...]]:
    """The DocTypes and rules of some sources. Raises MetadataInvalid with every fault."""
    read = read_and_check(sources)
    return read.model, read.rules


def check_sources(sources: Sequence[Source]) -> tuple[Fault, ...]:
    """All faults of metadata seen together, without a site; returns the warnings. Raises MetadataInvalid."""
    return read_and_check(sources).warnings


Pieces = Mapping[str, Mapping[str, Any]]
"""By kind and by file (the place that names a piece in a fault) what each piece reads as."""


def _models(pieces: Pieces, version: int, past: Sequence[Workflow] = ()) -> tuple[Model, Model, Model]:
    """The DocTypes as they are written, without what leads nowhere, and with the state fields of their workflows."""
    whole = Model({item.name: item for item in pieces["DocType"].values()}, version)
    plain = Model({item.name: without_dangling(item, whole) for item in whole}, version)
    return whole, plain, with_state_fields(plain, pieces["Workflow"].values(), past)


def _against_model(pieces: Pieces, model: Model, unread: set[str]) -> Iterator[Fault]:
    """Faults of the pieces that speak about DocTypes. Those that speak of the `unread` ones are judged once these can be read."""
    rules, formats = pieces["Rule"].values(), pieces["Print Format"]
    waiting = {item.name for item in rules if _speaks_of(item.raw, unread)}  # others may still refer to these: they are there
    ways = Workflows.of(pieces["Workflow"].values()).ways
    found = check_rules(rules, model, _files(pieces["Rule"]), model.roles, ways, _formats_of(formats.values()))
    yield from (fault for fault in found if fault.rule not in waiting)
    yield from check_templates(formats, model)
    reports = [item for item in pieces["Report"].values() if not _speaks_of(item.raw, unread)]
    yield from check_reports(reports, model, _files(pieces["Report"]), model.roles)
    views = [item for item in pieces["List View"].values() if item.document_type not in unread]
    yield from check_list_views(views, model, _files(pieces["List View"]), model.roles)


def _joined(pieces: Pieces, model: Model, warnings: tuple[Fault, ...] = ()) -> MetadataRead:
    return MetadataRead(
        model,
        tuple(pieces["Rule"].values()),
        {item.name: item for item in pieces["Print Format"].values()},
        tuple(pieces["Workflow"].values()),
        {item.name: item for item in pieces["Report"].values()},
        tuple(pieces["List View"].values()),
        warnings,
    )


def _files(pieces: Mapping[str, Any]) -> dict[str, str]:
    return {item.name: file for file, item in pieces.items()}


def _formats_of(formats: Iterable[PrintFormat]) -> dict[str, frozenset[str]]:
    """By DocType the names of its print formats."""
    found: dict[str, set[str]] = {}
    for item in formats:
        found.setdefault(item.doctype, set()).add(item.name)
    return {doctype: frozenset(names) for doctype, names in found.items()}


def _speaks_of(raw: Mapping[str, Any], names: set[str]) -> bool:
    text = json.dumps(raw, ensure_ascii=False) if names else ""
    return any(json.dumps(name, ensure_ascii=False) in text for name in names if name)  # "" is a value that many have


def _settled(sources: Iterable[Source], told: list[Fault]) -> Iterator[Source]:
    """The pieces as they are read; what had to be settled in DocTypes of Frappe's is `told`."""
    for source in sources:
        if source.kind != "DocType":
            yield source
            continue
        raw, faults = settled(source.raw, source.file)
        told += faults
        yield source if raw is source.raw else replace(source, raw=raw)


def _unchecked(raw: Any, file: str) -> list[Fault]:
    return []


# A workflow with faults is read as far as it goes: DocTypes and rules that speak of its states are judged all the same.
_KINDS: Mapping[str, tuple[Checker, Reader]] = {
    "DocType": (check_shape, read_doctype),
    "Workflow": (_unchecked, read_as_far_as_possible),
    "Rule": (check_rule_shape, read_rule),
    "Print Format": (check_format, read_format),
    "Report": (check_report_shape, read_report),
    "List View": (check_list_view, read_list_view),
}


def _read_pieces(sources: Iterable[Source]) -> Pieces:
    """Pieces that were checked before."""
    pieces: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
    for source in sources:
        if source.kind in _KINDS:
            _, reader = _KINDS[source.kind]
            _put(pieces[source.kind], source, _piece(source, _unchecked, reader))
    return pieces


def _check_pieces(sources: Iterable[Source]) -> tuple[Pieces, list[Fault]]:
    """The pieces that are in order by themselves, and the faults of the others."""
    pieces: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
    faults: list[Fault] = []
    for source in sources:
        if source.kind not in _KINDS:
            continue
        checker, reader = _KINDS[source.kind]
        piece = _piece(source, checker, reader)
        if piece is None:
            faults += checker(source.raw, source.file)
        else:
            _put(pieces[source.kind], source, piece)
        if source.kind == "Workflow":
            faults += check_workflow_shape(source.raw, source.file)
    return pieces, faults


def _put(built: dict[str, Any], source: Source, piece: Any) -> None:
    # two packs may hold a file of one path: each piece is kept, under a place that says which it is
    built[source.file if source.file not in built else f"{source.file} ({source.name})"] = piece


def _piece(source: Source, checker: Checker, reader: Reader) -> Any:
    """What a piece reads as; None when it has faults. Publishing one change reads all that is in force, so that what was read of
    the same JSON before is taken again."""
    said = json.dumps(source.raw, ensure_ascii=False)
    mark = digest(said)

    def read() -> Any:
        return reader(json.loads(said))  # a copy: whoever gave it may change it

    def checked() -> Any:
        return None if checker(json.loads(said), source.file) else _pieces_read.get((source.kind, _unchecked, mark), read)

    return _pieces_read.get((source.kind, checker, mark), read if checker is _unchecked else checked)


_pieces_read: Remembered[tuple[str, object, str], Any] = Remembered(4000)
