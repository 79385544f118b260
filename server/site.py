"""A site: a database, its metadata and the services over them, wired once per process.

The edges (web, api, desk, admin, cli) reach everything through this object; nothing below knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import partial, wraps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .access.accounts import Accounts
from .access.directory import load_user
from .access.identity import Credentials, Identity
from .access.user import ADMINISTRATOR, User
from .access.vault import Vault
from .assets import builtin_pack, fonts_dir
from .core.clock import Clock, SystemClock, TurnedClock
from .core.errors import NotFound
from .core.settings import Settings, load_settings
from .core.text import Text
from .documents.assigning import AssignmentService
from .documents.attachments import AttachmentService
from .documents.bulk import BulkService
from .documents.calendar_years import CalendarYears
from .documents.comments import CommentService
from .documents.dashboards import DashboardService
from .documents.due import RECOUNT, DueService
from .documents.figures import Figures
from .documents.files import FileService
from .documents.following import FollowService
from .documents.inbox import InboxService
from .documents.judged_then import JudgedThen
from .documents.list_views import ListViewService
from .documents.making import made_by_rules
from .documents.misuse import MisuseWatch
from .documents.moving import MovingService
from .documents.new_records import NewRecordService
from .documents.notifications.channel_book import SettingsBook
from .documents.notifications.delivery import Deliverer
from .documents.notifications.service import NotificationService
from .documents.notifications.told import ToldService
from .documents.owed import OwedService
from .documents.owed_bulk import OwedBulk
from .documents.owed_month import OwedMonth
from .documents.owed_statistics import OwedStatistics
from .documents.pasting import PasteService
from .documents.print_runs import PrintRuns
from .documents.printouts import PrintoutService
from .documents.queries import QueryService
from .documents.rehearsing import Rehearsal
from .documents.report_files import ReportFiles
from .documents.report_mail import ReportMail
from .documents.reports import ReportService
from .documents.rights import RightsService
from .documents.rule_analysis import RuleAnalysis
from .documents.sample_tests import SampleTests
from .documents.seen import SeenService
from .documents.service import DocumentService
from .documents.sharing import SharingService
from .documents.signature_report import SignatureReport
from .documents.signing import Signing, SigningService
from .documents.simulation.runs import SimulationRuns
from .documents.simulation.service import SimulationService
from .documents.snapshot import Snapshot
from .documents.tags import TagService
from .documents.timers import TimerService
from .documents.tours import TourService
from .documents.workflow_service import WorkflowService
from .exchange.clause_coverage import ClauseCoverage
from .exchange.customisations import Customisations
from .exchange.drafts import Drafts
from .exchange.engine_room import EngineRoom
from .exchange.fixtures import FixtureLoader
from .exchange.imports.service import DataImports
from .exchange.pack_register import PackRegister
from .exchange.pack_service import PackService
from .exchange.packs import Pack, is_pack_folder, read_packs
from .exchange.publisher import Publisher
from .exchange.rule_workshop import RuleWorkshop
from .exchange.stories import StoryTeller
from .jobs.channels import channels
from .jobs.courier import PostOffice
from .jobs.worker import Handler, Worker
from .metadata.fieldtypes import times
from .obligations.model import OWED
from .printing.service import PrintService
from .storage import journal, readings, records
from .storage.database import Database
from .storage.files import FileStore
from .storage.installation import create_system_tables
from .translating.catalogues import Catalogues
from .translating.service import TranslationService


class Site:
    """All services of one site. Open with `open_site`, close with `close`."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.zone = ZoneInfo(settings.timezone)
        times.SITE_ZONE = self.zone
        self.database = Database(settings.url)
        create_system_tables(self.database)
        journal.settle_abandoned(self.database)
        catalogues = Catalogues(self.database, self.clock)
        self.publisher = Publisher(self.database, self.clock, settings.matcher, catalogues.put_in_force)
        self.accounts = Accounts(self.database, self.clock, settings)
        vault = Vault(settings.secret_key)
        self.documents = DocumentService(self.database, self.clock, self.snapshot, self.zone, vault, self.wake)
        self.new_records = NewRecordService(self.database, self.clock, self.snapshot, self.zone, self.documents.load)
        self.identity = Identity(self.database, self.clock, settings, self.accounts)
        self.queries = QueryService(self.database, self.snapshot)
        self.rehearsal = Rehearsal(self.database, self.clock, self.snapshot, self.zone)
        self.pasting = PasteService(self.database, self.snapshot, self.zone)
        self.reports = ReportService(self.database, self.clock, self.snapshot, self.zone)
        self.dashboards = DashboardService(self.database, self.snapshot)
        self.rights = RightsService(self.database, self.clock, self.snapshot)
        self.seen = SeenService(self.database, self.snapshot, self.clock)
        self.tours = TourService(self.database, self.clock)
        self.list_views = ListViewService(self.database, self.clock, self.snapshot)
        self.moving = MovingService(self.documents, self.clock, self.snapshot, self.zone)
        self.bulk = BulkService(self.documents)
        self.calendar_years = CalendarYears(self.database, self.documents, self.queries, self.snapshot)
        self.inbox = InboxService(self.database, self.clock, self.snapshot, self.wake, self.documents.decided)
        self.signing = SigningService(
            self.database, self.clock, self.snapshot, self.identity, vault, self.inbox.decide, self.wake
        )
        self.workflows = WorkflowService(self.database, self.clock, self.snapshot, self.zone, vault, self.inbox, self.wake)
        self.owed_month = OwedMonth(self.database, self.clock, self.snapshot)
        self.owed_statistics = OwedStatistics(self.database, self.snapshot, self.zone)
        self.figures = Figures(self.database, self.clock)
        self.due = DueService(self.database, self.clock, self.snapshot, self.wake)
        self.owed = OwedService(self.database, self.clock, self.snapshot, self.wake)
        self.owed_bulk = OwedBulk(self.inbox, self.owed, self.due, self.workflows)
        self.told = ToldService(self.database, self.clock, self.snapshot)
        self.sharing = SharingService(self.database, self.clock, self.snapshot, self.wake)
        self.comments = CommentService(self.database, self.clock, self.snapshot, self.wake)
        self.following = FollowService(self.database, self.clock, self.snapshot)
        self.assignments = AssignmentService(self.database, self.clock, self.snapshot, self.zone, self.wake)
        self.tags = TagService(self.database, self.clock, self.snapshot, self.zone, vault)
        self.rule_analysis = RuleAnalysis(self.database, self.snapshot)
        self.judged_then = JudgedThen(self.database, self.snapshot, self.zone)
        self.simulations = SimulationService(self.database, self.snapshot, self.zone)
        self.simulation_runs = SimulationRuns(self.database, self.clock, self.simulations, self.user, self.wake)
        store = FileStore(settings.files_dir, settings.max_file_bytes)
        self.files = FileService(self.database, self.clock, self.snapshot, store)
        self.attachments = AttachmentService(self.database, self.clock, self.snapshot, store, self.wake)
        self.imports = DataImports(
            self.database, self.clock, self.documents, self.queries, self.snapshot, store, settings.files_dir / "imports", self.zone,
            self.user, self.wake,
        )  # fmt: skip
        self.timers = TimerService(self.database, self.clock, self.snapshot, self.zone, vault)
        self.drafts = Drafts(self.database, self.clock)
        self.workshop = RuleWorkshop(self.snapshot, self.publisher, settings.matcher)
        self.clause_coverage = ClauseCoverage(self.database, self.clock, self.snapshot, self.queries, self.workshop)
        self.sample_tests = SampleTests(self.database, self.clock, self.snapshot, self.documents, self.queries)
        self.customisations = Customisations(self.database, self.publisher)
        self.packs = PackRegister(self.database, self.publisher, self.clock, self.pack_dirs)
        self.printing = PrintService(settings, fonts_dir(), before=self.database.look_anew)
        self.report_files = ReportFiles(self.reports, self.queries, self.snapshot, self.printing, self.clock, settings)
        self.report_mail = ReportMail(self.database, self.clock, self.snapshot, settings, self.reports, self.report_files)
        self.translations = TranslationService(catalogues, self.publisher, self.printing.undrawable)
        self.pack_service = PackService(
            self.database, self.publisher, self.packs, self.fixture_loader, self.translations.prepared
        )
        self.signature_report = SignatureReport(self.database, self.snapshot)
        self.engine = EngineRoom(self.database, self.clock, self.snapshot, self.signing.verify)
        self.printouts = PrintoutService(
            self.documents,
            self.queries,
            self.inbox,
            self.files,
            self.snapshot,
            self.printing,
            self.clock,
            settings,
            self.signing,
        )
        self.print_runs = PrintRuns(
            self.database, self.clock, self.printouts, self.queries, self.snapshot, settings.files_dir / "prints", self.user, self.wake
        )  # fmt: skip
        sweeps = [self._settle, *(self._on_one_version(sweep) for sweep in (self.timers.sweep, self.due.sweep))]
        sweeps.append(MisuseWatch(self.database, self.clock).sweep)
        sweeps.append(readings.Filling(self.database, lambda: self.snapshot().model, self.clock).sweep)
        book = SettingsBook(self.snapshot, vault, self.clock, settings)
        self.notifications = NotificationService(self.database, self.clock, self.snapshot, settings, book, self.wake)
        self.post_office = PostOffice(self.database, self.clock, channels(), book.of, self._enclosed)
        self._queues = (self.simulation_runs.queue, self.imports.queue, self.print_runs.queue)
        sweeps += [self.report_mail.sweep, self.print_runs.expire, *(queue.sweep for queue in self._queues)]
        handlers: dict[str, Handler] = {
            "notification": Deliverer(self.snapshot, settings, self.zone),
            RECOUNT: self.due.recount,
        }
        self.worker = Worker(self.database, self.clock, handlers, sweeps, then=self.post_office.wake)

    def _settle(self) -> int:
        """A publication whose process died keeps nobody waiting for the next start."""
        journal.settle_abandoned(self.database)
        return 0

    def _on_one_version(self, sweep: Callable[[], int]) -> Callable[[], int]:
        """A sweep that a publication overtakes is done again with the next."""

        @wraps(sweep)
        def run() -> int:
            with self.publisher.pinned():
                return sweep()

        return run

    def snapshot(self) -> Snapshot:
        """The metadata in force."""
        return self.publisher.snapshot()

    def previewing(self, snapshot: Snapshot) -> Site:
        """The same site as if `snapshot` were in force: for pages that are only shown, never for a change."""
        shown = copy(self)
        shown.snapshot = lambda: snapshot  # type: ignore[method-assign]
        shown.documents = DocumentService(self.database, self.clock, shown.snapshot, self.zone, Vault(self.settings.secret_key))
        shown.new_records = NewRecordService(self.database, self.clock, shown.snapshot, self.zone, shown.documents.load)
        shown.queries = QueryService(self.database, shown.snapshot)
        return shown

    def wake(self) -> None:
        """Tell the worker of this process that there is news."""
        worker: Worker | None = getattr(self, "worker", None)
        if worker is not None:
            worker.wake()
            self.post_office.wake()

    def start_workers(self) -> None:
        """Deliver, watch due times and send in threads of this process, until the site is closed."""
        self.worker.start()
        self.post_office.start()

    def _enclosed(self, wanted: Mapping[str, Any]) -> tuple[str, bytes] | Text:
        if "report" in wanted:
            return self.report_mail.enclosed(wanted, self.user)
        return self.printouts.enclosed(wanted, self.user)

    def user(self, name: str) -> User:
        """The user of that name. Raises NotFound."""
        if name == ADMINISTRATOR:
            return User.administrator()
        with self.database.read() as connection:
            found = load_user(connection, name)
        if found is None:
            raise NotFound(Text(f"没有用户“{name}”。", f'There is no user "{name}".'))
        return found

    def pack_dirs(self) -> list[Path]:
        """The built-in pack, then the site's own folder, then further packs of the settings."""
        own = self.settings.site_dir
        further = [own / path for path in self.settings.packs]
        return [builtin_pack(), *([own] if is_pack_folder(own) else []), *further]

    def read_packs(self, *, with_demo: bool = False) -> Pack:
        return read_packs(self.pack_dirs(), with_demo=with_demo)

    def fixture_loader(self) -> FixtureLoader:
        return FixtureLoader(
            documents=self.documents,
            model=self.snapshot().model,
            user_named=self.user,
            exists=self._exists,
            set_password=self.accounts.set_password,
            approve=self._approve_all,
            now=self.clock.now,
            zone=self.zone,
        )

    def story_teller(self, clock: TurnedClock, passwords: Mapping[str, str] | None = None) -> StoryTeller:
        """Lives through what happened in the demo company; `clock` is the one that this site was opened with, `passwords` are those that
        its people sign with."""
        return StoryTeller(
            self.documents,
            self.new_records.make_from,
            self.queries,
            self.files,
            self.user,
            self._approve_all,
            self._waive_all,
            partial(self._sign_all, passwords or {}),
            self._opened_by_rule,
            self.worker.run_once,
            self.read_news,
            clock,
            self.zone,
        )

    def read_news(self, until: datetime) -> None:
        """Everybody reads what they were told by that moment: in the demo."""
        for login in self.told.who_has_not_read(until):
            self.told.mark_read(self.user(login), until)

    def has_records(self, doctypes: Iterable[str]) -> bool:
        """Whether there is a record of any of these DocTypes."""
        return any(self.queries.list(User.administrator(), name, limit=1).rows for name in doctypes)

    def _approve_all(self, user: User, doctype: str, name: str) -> None:
        """Everything about a record that this user is asked to decide, approved."""
        for item in self.inbox.for_record(user, doctype, name):
            if item.may_act:
                self.inbox.decide(user, item.obligation.id, "approved", "同意")

    def _waive_all(self, user: User, doctype: str, name: str, reason: str) -> None:
        """Everything still owed about a record, waived."""
        for item in self.inbox.for_record(user, doctype, name):
            if item.obligation.state in OWED:
                self.owed.waive(user, item.obligation.id, reason)

    def _sign_all(self, passwords: Mapping[str, str], user: User, doctype: str, name: str, reason: str) -> None:
        """Everything that this user is asked to sign about a record, signed."""
        for item in self.inbox.for_record(user, doctype, name):
            if item.may_sign:
                version = self.documents.load(user, doctype, name)["version"]
                signing = Signing("", reason, item.obligation.id)
                self.signing.sign(user, doctype, name, signing, Credentials(user.name, passwords[user.name]), version=version)

    def _opened_by_rule(self, doctype: str, name: str, made_doctype: str) -> str | None:
        """The record of that type that a rule made for this one."""
        with self.database.read() as connection:
            return made_by_rules(connection, doctype, name, made_doctype)

    def _exists(self, doctype: str, name: str) -> bool:
        with self.database.read() as connection:
            return bool(records.exists(connection, self.snapshot().doctype(doctype), {name}))

    def close(self) -> None:
        self.worker.stop()
        self.post_office.stop()
        for queue in self._queues:
            queue.close()
        self.printing.close()
        self.database.close()


def is_site_folder(folder: Path) -> bool:
    """Whether somebody has made a site there: its settings, its key or its database are found."""
    return any((folder / name).is_file() for name in ("guiju.toml", "secret.key", "guiju.db"))


def open_site(
    site_dir: Path, *, clock: Clock | None = None, environ: Mapping[str, str] | None = None, **overrides: Any
) -> Site:
    """Open the site in `site_dir`; its tables are made when they are missing. `overrides` replace single settings."""
    settings = load_settings(site_dir, environ)
    site_dir.mkdir(parents=True, exist_ok=True)
    return Site(replace(settings, **overrides), clock)
