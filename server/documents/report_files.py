"""`ReportFiles`: a report as PDF, Excel or CSV, made with the rights of who gets it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

from ..access.permissions import Permissions
from ..access.user import User
from ..core import translations
from ..core.clock import Clock
from ..core.settings import Settings
from ..core.text import Language, Text
from ..printing.display import moment
from ..printing.paper import PaperJob
from ..printing.service import PrintService
from ..reporting import leaf
from ..reporting.model import Report
from ..reporting.workbook import write_workbook
from .queries import QueryService
from .report_reading import Reading
from .reports import ReportService, defaults
from .snapshot import Snapshot

MADE_AT = Text("制表时间", "Made at")
Asked = Mapping[str, str]


class ReportFiles:
    def __init__(
        self,
        reports: ReportService,
        queries: QueryService,
        snapshots: Callable[[], Snapshot],
        printing: PrintService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._reports = reports
        self._queries = queries
        self._snapshots = snapshots
        self._printing = printing
        self._clock = clock
        self._settings = settings

    def reading(
        self, user: User, report: Report, asked: Asked | None, language: Language, *, rights: Sequence[str] = ("report",)
    ) -> Reading:
        """A report as this person reads it; `asked` None means under its own filters. It holds the records to which they have all `rights`."""
        wanted = defaults(report) if asked is None else asked
        return Reading(self._reports, self._queries, user, report, wanted, language, rights=rights)

    def pdf(self, user: User, report: Report, asked: Asked | None, language: Language) -> bytes:
        """Raises PermissionRefused (right *Print*), ValidationFailed for a filter, PrintFailed."""
        reading = self._read(user, report, asked, language, "print")
        light = reading.light
        shown = (light[0], reading.indicator_value, light[1], reading.target) if light else None
        notes = [*reading.filter_words(), self._made_at(language)]
        page, parts = leaf.parts(
            reading.answer, reading.title, notes, shown, reading.plot, reading.pivot, reading.cell, language
        )
        job = PaperJob(
            title=reading.title,
            parts=parts,
            company=self._settings.company_in(language),
            language=language,
            zone=self._reports.zone,
            printed_at=self._clock.now(),
            printed_by=user.full_name,
            page=page,
            catalogue=translations.catalogue(language),
        )
        return self._printing.paper(job)

    def xlsx(self, user: User, report: Report, asked: Asked | None, language: Language) -> bytes:
        """The Excel file as it is sent by mail. Raises as `write_xlsx` does."""
        made = io.BytesIO()
        self.write_xlsx(made, user, report, asked, language)
        return made.getvalue()

    def write_xlsx(self, target: IO[bytes], user: User, report: Report, asked: Asked | None, language: Language) -> None:
        """Raises PermissionRefused (right *Export*), ValidationFailed for a filter."""
        reading = self._read(user, report, asked, language, "export")
        notes = [*reading.filter_words(), self._made_at(language)]
        write_workbook(
            target,
            reading.answer,
            reading.rows(),
            reading.title,
            notes,
            reading.cell,
            self._reports.zone,
            language,
            reading.plot,
        )

    def table(
        self, user: User, report: Report, asked: Asked | None, language: Language
    ) -> tuple[list[str], Iterator[list[Any]]]:
        """Head and rows as text and numbers. Raises as `xlsx` does, at once."""
        reading = self._read(user, report, asked, language, "export")
        columns = reading.answer.columns

        def cell(column: Any, value: Any) -> str | int | Decimal:
            return value if column.is_measure and isinstance(value, int | Decimal) else reading.cell(column, value)

        rows = ([cell(column, row.get(column.key)) for column in columns] for row in reading.rows())
        return [column.label.to(language) for column in columns], rows

    def _read(self, user: User, report: Report, asked: Asked | None, language: Language, right: str) -> Reading:
        """The report of the records that the user may report on and do this to."""
        permissions = Permissions(self._snapshots().model)
        for doctype in (report.doctype, *(other.doctype for other in report.beside)):
            permissions.require(user, right, doctype)
        reading = self.reading(user, report, asked, language, rights=("report", right))
        _ = reading.answer
        if reading.error is not None:
            raise reading.error
        return reading

    def _made_at(self, language: Language) -> tuple[str, str]:
        return MADE_AT.to(language), moment(self._clock.now(), self._reports.zone)
