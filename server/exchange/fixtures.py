"""Fixtures: records that a pack brings along, put in through the same path as everybody's.

A file is `{"doctype": "Role", "records": [...]}`; `"as"` names the user who enters them (default Administrator). Texts such
as `@now-13h` and `@today+7d` become times relative to loading, `@ref:KEY` the number of the record that was entered with
`"_id": "KEY"`. Other keys beginning with `_` are instructions: `_as`, `_approve_as` and `_submit_as`
(who does it), `_submit`, `_password`, `_fill` (values for fields of the record that are empty, also where it was there before).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..access.user import User
from ..core.errors import Fault, GuijuError, MetadataInvalid
from ..core.text import Text
from ..documents.service import DocumentService
from ..metadata.model import Model

RELATIVE = re.compile(r"@(now|today)(?:([+-])(\d{1,5})(min|h|d))?\Z")
REFERENCE = re.compile(r"@ref:([\w-]+)\Z")
UNITS = {"min": "minutes", "h": "hours", "d": "days"}


def resolve(value: Any, now: datetime, zone: ZoneInfo, names: Mapping[str, str]) -> Any:
    """`@now-13h`, `@today-3d` and `@ref:KEY` anywhere in a value, as text; everything else unchanged. KeyError: no such KEY."""
    if isinstance(value, str) and (reference := REFERENCE.match(value)):
        return names[reference.group(1)]
    if isinstance(value, str) and (found := RELATIVE.match(value)):
        base, sign, number, unit = found.groups()
        shift = timedelta(**{UNITS[unit]: int(number)}) if unit else timedelta()
        moment = now - shift if sign == "-" else now + shift
        return moment.astimezone(zone).date().isoformat() if base == "today" else moment.isoformat()
    if isinstance(value, Mapping):
        return {key: resolve(item, now, zone, names) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, now, zone, names) for item in value]
    return value


class FixtureLoader:
    """Puts fixtures into a site. What exists already is left as it is, so loading twice changes nothing.

    A record that says its name is known by it, wherever it stands in a later version of its file; one that is numbered, by its place.
    """

    def __init__(
        self,
        documents: DocumentService,
        model: Model,
        user_named: Callable[[str], User],
        exists: Callable[[str, str], bool],
        set_password: Callable[[str, str], None],
        approve: Callable[[User, str, str], None],
        now: Callable[[], datetime],
        zone: ZoneInfo,
    ) -> None:
        self._documents = documents
        self._model = model
        self._user_named = user_named
        self._exists = exists
        self._set_password = set_password
        self._approve = approve
        self._now = now
        self._zone = zone
        self.names: dict[str, str] = {}  # what `@ref:KEY` stands for

    def load(self, fixtures: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, int]]:
        """Load file after file, yielding (file, records made). Raises MetadataInvalid naming file and record."""
        for file, raw in fixtures:
            doctype = str(raw.get("doctype") or "")
            if doctype not in self._model:
                text = Text(f"{file}: doctype：没有单据类型 {doctype!r}", f'{file}: doctype: "{doctype}" is not a record type')
                raise MetadataInvalid.of([Fault(file, text)])
            user = self._user_named(str(raw.get("as") or "Administrator"))
            made = 0
            for index, record in enumerate(raw.get("records") or []):
                made += self._load_one(file, f"{file}: records[{index}]", doctype, user, record)
            yield file, made

    def _load_one(self, file: str, where: str, doctype: str, user: User, record: Mapping[str, Any]) -> int:
        actor = self._user_named(str(record["_as"])) if record.get("_as") else user
        given, placed = self._given_name(doctype, record), f"fixture:{where}"
        key = f"fixture:{file}: {given}" if given else placed
        try:
            name = self._documents.made_before(actor, key)
            if given and name is None and (self._exists(doctype, given) or self._documents.made_before(actor, placed) == given):
                name = given  # older versions of the program knew every record by its place
            made = name is None
            if name is None:
                name = self._enter(actor, doctype, record, key)
            self._fill(actor, doctype, name, record.get("_fill") or {})
        except (GuijuError, KeyError) as error:
            raise MetadataInvalid.of([Fault(where, _explained(where, error))]) from error
        if record.get("_id"):
            self.names[str(record["_id"])] = name
        return int(made)

    def _enter(self, actor: User, doctype: str, record: Mapping[str, Any], key: str) -> str:
        given = {field: value for field, value in record.items() if not field.startswith("_")}
        values = resolve(given, self._now(), self._zone, self.names)
        saved = self._documents.save(actor, doctype, values, idempotency_key=key)
        if record.get("_approve_as"):
            self._approve(self._user_named(str(record["_approve_as"])), doctype, saved.name)
        if record.get("_submit"):
            submitter = self._user_named(str(record["_submit_as"])) if record.get("_submit_as") else actor
            self._documents.submit(submitter, doctype, saved.name)
        if record.get("_password"):
            self._set_password(saved.name, str(record["_password"]))
        return saved.name

    def _fill(self, actor: User, doctype: str, name: str, values: Mapping[str, Any]) -> None:
        """Fill in what is empty; what somebody has entered stays."""
        present = self._documents.load(actor, doctype, name) if values else {}
        missing = {field: value for field, value in values.items() if present.get(field) in (None, "")}
        if missing:
            self._documents.save(actor, doctype, resolve(missing, self._now(), self._zone, self.names), name=name)

    def _given_name(self, doctype: str, record: Mapping[str, Any]) -> str | None:
        """The name that the record says itself; None where it is numbered."""
        autoname = self._model[doctype].autoname or ""
        field = autoname.removeprefix("field:").strip() if autoname.startswith("field:") else "name"
        return str(record.get(field) or "") or None


def _explained(where: str, error: Exception) -> Text:
    if isinstance(error, GuijuError):
        return Text(f"{where}：{' '.join(error.lines('zh'))}", f"{where}: {' '.join(error.lines('en'))}")
    return Text(f"{where}：没有 _id 为 {error} 的记录", f"{where}: no record before this one has _id {error}")
