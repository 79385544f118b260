"""Content packs: folders of the shape `doctypes/ rules/ print_formats/ fixtures/ customisations/ translations/`, with a `pack.json`
that names them; workflows stand in `fixtures/workflows/`, reports in `fixtures/reports/`, shared views of lists in `fixtures/list_views/`.

A folder without `pack.json` is metadata of the site itself. Reading a pack never stops at the first fault: unreadable files become
faults beside the rest.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.errors import Fault
from ..core.text import Text
from .manifest import BUILTIN, FILE, Manifest, read_manifest

FOLDERS = {
    "doctypes": "DocType",
    "rules": "Rule",
    "print_formats": "Print Format",
    "fixtures/workflows": "Workflow",
    "fixtures/reports": "Report",
    "fixtures/list_views": "List View",
}
# What people call them.
KIND_TITLES: dict[str, Text] = {
    "DocType": Text("单据类型", "Record type"),
    "Rule": Text("规则", "Rule"),
    "Print Format": Text("打印格式", "Print Format"),
    "Workflow": Text("流程", "Workflow"),
    "Report": Text("报表", "Report"),
    "List View": Text("列表视图", "List View"),
}
STORIES = "stories"  # a folder in fixtures/demo: what happened in the demo company (`stories`)
AMONG_FIXTURES = frozenset(Path(folder).name for folder in FOLDERS if folder.startswith("fixtures/"))  # pieces, no records
CUSTOMISATIONS = "customisations"
TRANSLATIONS = "translations"


def piece_title(kind: str, name: str = "") -> Text:
    """A piece as it is spoken of, `单据类型 Service Ticket`; its kind alone without a name."""
    title = KIND_TITLES.get(kind, Text.of(kind))
    return Text(f"{title.zh} {name}".strip(), f"{title.en} {name}".strip())


@dataclass(frozen=True)
class Source:
    """One piece of metadata as written: its kind, where it stands, its JSON (print formats with their `html`).

    `shipped` is what the pack's file holds, where `raw` has the site's own changes in it; `pack` is the pack that ships it, empty
    for what belongs to the site. `follows` marks a piece that is rewritten because another one it names was renamed.
    """

    kind: str
    file: str
    raw: dict[str, Any]
    shipped: dict[str, Any] | None = None
    pack: str = ""
    follows: bool = False

    @property
    def name(self) -> str:
        return str(self.raw.get("name") or "")


@dataclass
class Pack:
    """Everything found under some folders or files, with the faults of reading it; `translations` are PO files as they are."""

    sources: list[Source] = field(default_factory=list)
    translations: list[tuple[str, bytes]] = field(default_factory=list)
    fixtures: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stories: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    customisations: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_packs(paths: Iterable[Path], *, with_demo: bool = False) -> Pack:
    """Read pack folders, or single metadata files; of two pieces with one kind and name the later path wins."""
    pack = Pack()
    for path in paths:
        if path.is_file():
            _read_file(pack, path, str(path), _kind_of(path))
        elif path.is_dir():
            _read_folder(pack, path, with_demo)
        else:
            pack.faults.append(Fault(str(path), Text(f"{path}：没有这个文件或目录", f"{path}: no such file or folder")))
    _refuse_twins(pack)
    return pack


def is_pack_folder(root: Path) -> bool:
    """Whether this folder has the shape of a content pack, empty or not."""
    return any((root / folder).is_dir() for folder in (*FOLDERS, "fixtures", CUSTOMISATIONS, TRANSLATIONS))


def manifest_of(root: Path, faults: list[Fault]) -> Manifest | None:
    """What the folder's `pack.json` says; None when it has none, or one with faults, which are added to `faults`."""
    if not (root / FILE).is_file():
        return None
    reading = Pack()
    raw = _read_json(reading, root / FILE, FILE)
    faults += reading.faults
    return None if raw is None else read_manifest(raw, root, FILE, faults)


def _read_folder(pack: Pack, root: Path, with_demo: bool) -> None:
    before = len(pack.sources)
    for folder, kind in FOLDERS.items():
        for file in sorted((root / folder).rglob("*.json")):
            _read_file(pack, file, str(file.relative_to(root)), kind)
    manifest = manifest_of(root, pack.faults)
    if manifest is not None:
        pack.manifests.append(manifest)
        pack.sources[before:] = [replace(source, pack=manifest.name) for source in pack.sources[before:]]
    # records are entered once by the place that they were read from: two packs may have a file of one name
    prefix = f"{manifest.name}/" if manifest is not None and manifest.name != BUILTIN else ""
    for file in sorted((root / TRANSLATIONS).glob("*.po")):
        pack.translations.append((str(file.relative_to(root)), file.read_bytes()))
    for file in sorted((root / "fixtures").rglob("*.json")):
        parts = file.relative_to(root).parts
        if not AMONG_FIXTURES & set(parts) and (with_demo or "demo" not in parts):
            raw = _read_json(pack, file, f"{prefix}{file.relative_to(root)}")
            if raw is not None:
                held = pack.stories if STORIES in parts else pack.fixtures
                held.append((f"{prefix}{file.relative_to(root)}", raw))
    for file in sorted((root / CUSTOMISATIONS).rglob("*.json")):
        raw = _read_json(pack, file, str(file.relative_to(root)))
        if raw is not None:
            pack.customisations.append((str(file.relative_to(root)), raw))
    if not is_pack_folder(root):  # a folder of files rather than a pack
        for file in sorted(root.rglob("*.json")):
            if not _holds_something_else(file):
                _read_file(pack, file, str(file.relative_to(root)), _kind_of(file))


def _holds_something_else(file: Path) -> bool:
    """Whether a file is one of the others of a Frappe application: a report, a workspace, records for its tests."""
    try:
        raw = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError):
        return False  # told when it is read
    rows = raw if isinstance(raw, list) else [raw]
    kinds = [row.get("doctype") for row in rows if isinstance(row, dict)]
    if isinstance(raw, list):
        return bool(rows) and len(kinds) == len(rows) and all(kinds)
    if kinds and kinds[0] == "Report":  # those of Frappe's applications are scripts or SQL, without columns
        return not isinstance(raw.get("columns"), list) or not raw["columns"]
    return bool(kinds and kinds[0]) and kinds[0] not in FOLDERS.values()


def _kind_of(file: Path) -> str | None:
    return next((kind for folder, kind in FOLDERS.items() if Path(folder).name in file.parts), None)


def _read_json(pack: Pack, file: Path, label: str) -> dict[str, Any] | None:
    try:
        raw = json.loads(file.read_text("utf-8"))
    except UnicodeDecodeError:
        pack.faults.append(
            Fault(label, Text(f"{label}：不是 UTF-8 编码，请另存为 UTF-8", f"{label}: is not UTF-8; save it as UTF-8"))
        )
        return None
    except (ValueError, RecursionError) as error:
        pack.faults.append(Fault(label, Text(f"{label}：不是有效的 JSON：{error}", f"{label}: is not valid JSON: {error}")))
        return None
    if not isinstance(raw, dict):
        pack.faults.append(Fault(label, Text(f"{label}：应为 JSON 对象", f"{label}: expected a JSON object")))
        return None
    return raw


def _read_file(pack: Pack, file: Path, label: str, kind: str | None) -> None:
    if kind in ("Workflow", "Report", "List View") and (listed := _exported_list(file)) is not None:
        pack.sources += [Source(kind, f"{label} [{index}]", raw) for index, raw in enumerate(listed)]
        return
    raw = _read_json(pack, file, label)
    if raw is None:
        return
    if kind is None:
        kind = (
            "Rule"
            if "applies_to" in raw
            else "Workflow"
            if "document_type" in raw and "transitions" in raw
            else "Report"
            if raw.get("doctype") == "Report"
            else "List View"
            if raw.get("doctype") == "List View"
            else "Print Format"
            if "form_number" in raw or "blocks" in raw or any(file.with_suffix(end).exists() for end in (".html", ".xlsx"))
            else "DocType"
        )
    if kind == "Print Format" and "html" not in raw:
        page, book = file.with_suffix(".html"), file.with_suffix(".xlsx")
        if page.exists():
            raw = raw | {"html": page.read_text("utf-8")}
        elif book.exists():
            raw = raw | {"workbook": base64.b64encode(book.read_bytes()).decode("ascii")}
    pack.sources.append(Source(kind, label, raw))


def _exported_list(file: Path) -> list[dict[str, Any]] | None:
    """The pieces of a file as `bench export-fixtures` writes it: a list of them; None for any other file."""
    try:
        raw = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError):
        return None  # told when it is read
    return raw if isinstance(raw, list) and all(isinstance(item, dict) for item in raw) else None


def _refuse_twins(pack: Pack) -> None:
    """Keep the last of each name; a rule or DocType defined twice under one root is a fault."""
    last: dict[tuple[str, str], Source] = {}
    for source in pack.sources:
        twin = last.get((source.kind, source.name))
        if twin is not None and source.name and twin.file != source.file:
            text = Text(
                f"{source.file}: name：{source.name} 已在 {twin.file} 中定义",
                f'{source.file}: name: "{source.name}" is already defined in {twin.file}',
            )
            pack.faults.append(Fault(f"{source.file}: name", text))
        last[source.kind, source.name] = source
    pack.sources = list(last.values())
