"""`guiju init, demo, serve, doctor, audit verify`: a site from its first day on."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click
import waitress

from ..access.user import ADMINISTRATOR
from ..app import create_app
from ..core.clock import TurnedClock
from ..core.errors import GuijuError
from ..core.settings import load_settings
from ..core.text import Text
from ..doctor import examine
from ..exchange.fixtures import FixtureLoader
from ..exchange.stories import Names
from ..site import Site, open_site
from ..storage import audit
from .console import SpokenCommand, SpokenGroup, SpokenOption, WholeNumber, explained, language, say, with_site
from .metadata import publish_packs

DEMO_COMPANY = "规矩精密机械有限公司|Guiju Precision Machinery Co., Ltd."
CONFIG_TEMPLATE = """\
# 规矩站点设置 / Guiju site settings. Every key is optional; see docs/administration.md.
# database_url = "postgresql+psycopg://user:password@localhost/guiju"
# company = "规矩精密机械有限公司|Guiju Precision Machinery Co., Ltd."
# language = "zh"
# timezone = "Asia/Shanghai"
"""


@click.command(cls=SpokenCommand, zh="新建站点目录 DIRECTORY：设置、放自己元数据的文件夹、带内置内容包的数据库。")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@explained
def init(directory: Path) -> None:
    """Make a site folder DIRECTORY: settings, folders for your own metadata, a database with the built-in pack."""
    directory = directory.resolve()
    for folder in ("doctypes", "rules", "print_formats", "fixtures", "translations", "files"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    config = directory / "guiju.toml"
    if not config.exists():
        config.write_text(CONFIG_TEMPLATE, "utf-8")
    site = open_site(directory)
    try:
        publish_packs(site, [])
        _load_fixtures(site)
    finally:
        site.close()
    say(f"站点已就绪：{directory}", f"The site is ready: {directory}", fg="green")
    say(
        f'添加管理员：guiju --site {directory} user add 登录名 --name 姓名 --role "System Manager"',
        f'Add an administrator: guiju --site {directory} user add LOGIN --name NAME --role "System Manager"',
    )


@click.command(cls=SpokenCommand, zh="载入演示公司：每种角色的用户、可操作的单据和过去一年的业务。没有站点时先新建。")
@click.option(
    "--months",
    cls=SpokenOption,
    default=12,
    show_default=True,
    type=WholeNumber(0, 60),
    help="How many months of past business to live through; 0 for none. Only on a site without such records.",
    zh="补演过去多少个月的业务；0 为不补。仅在尚无此类单据的站点上进行。",
)
@click.pass_context
@explained
def demo(context: click.Context, months: int) -> None:
    """Load the demo company: users for every role, records to work on, and a year of past business. Makes the site when there is
    none."""
    clock = TurnedClock()
    name_company(context.obj)
    site = open_site(context.obj, clock=clock)
    try:
        publish_packs(site, [])
        with site.database.unhurried(), site.publisher.pinned():  # nobody publishes meanwhile
            load_demo(site, clock, months)
        say("演示账号（登录名 / 密码）：", "Demo accounts (login / password):", bold=True)
        accounts = demo_accounts(site)
        called = _role_titles(site, {role for *_, roles, _ in accounts for role in roles})
        for login, full_name, roles, password in accounts:
            click.echo(f"  {login:<16} {password:<12} {full_name}  {'、'.join(called.get(role, role) for role in roles)}")
    finally:
        site.close()


def name_company(directory: Path) -> None:
    """Give the demo company its name in the site's settings: prints begin with it. A site that has a name keeps it."""
    if load_settings(directory).company:
        return
    path = directory / "guiju.toml"
    lines = (path.read_text("utf-8") if path.exists() else CONFIG_TEMPLATE).splitlines()
    kept = [line for line in lines if not line.startswith("# company =")]
    named = next((at for at, line in enumerate(kept) if line and not line.startswith("#")), len(kept))
    kept.insert(min(named, 1), f'company = "{DEMO_COMPANY}"')  # before any table of the file
    directory.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(kept) + "\n", "utf-8")


def demo_accounts(site: Site) -> list[tuple[str, str, list[str], str]]:
    """The accounts that demo fixtures make: login, full name, roles, password."""
    found = []
    for _, raw in site.read_packs(with_demo=True).fixtures:
        if raw.get("doctype") == "User":
            for record in raw.get("records", []):
                if record.get("_password"):
                    roles = [row["role"] for row in record.get("roles", [])]
                    found.append((record["login"], record.get("full_name", ""), roles, record["_password"]))
    return found


def _role_titles(site: Site, roles: set[str]) -> dict[str, str]:
    """What a Chinese reader calls the roles; their names are English."""
    return site.queries.titles(site.user(ADMINISTRATOR), "Role", roles) if language() == "zh" else {}


def _load_fixtures(site: Site) -> None:
    loader, fixtures = site.fixture_loader(), site.read_packs().fixtures
    _say_made(_load(loader, fixtures))
    site.calendar_years.fill_present(site.user(ADMINISTRATOR), site.clock.now().astimezone(site.zone).year)


def load_demo(site: Site, clock: TurnedClock, months: int) -> None:
    """People and things first; then the past, which needs them; then the records that stand at an interesting moment today."""
    pack, loader = site.read_packs(with_demo=True), site.fixture_loader()
    lived = {str(raw["doctype"]) for _, raw in pack.stories if "doctype" in raw}
    first = next((index for index, (_, raw) in enumerate(pack.fixtures) if raw.get("doctype") in lived), len(pack.fixtures))
    is_new = not site.has_records(lived)
    made = _load(loader, pack.fixtures[:first])
    site.calendar_years.fill_present(site.user(ADMINISTRATOR), site.clock.now().astimezone(site.zone).year)
    if months and is_new and pack.stories:
        made += _live_through(site, clock, pack.stories, months, loader.names)
    _say_made(made + _load(loader, pack.fixtures[first:]))


def _load(loader: FixtureLoader, fixtures: list[tuple[str, dict[str, Any]]]) -> int:
    label = Text("载入记录", "Loading records").to(language())
    with click.progressbar(loader.load(fixtures), length=len(fixtures), label=label) as bar:
        return sum(number for _, number in bar)


def _live_through(site: Site, clock: TurnedClock, stories: list[tuple[str, dict[str, Any]]], months: int, names: Names) -> int:
    site.worker.deliver_due()  # what setting up the company told its people is no news afterwards
    site.read_news(site.clock.now())
    teller = site.story_teller(clock, {login: password for login, _, _, password in demo_accounts(site)})
    label = Text("补演往日业务", "Living through the past").to(language())
    with click.progressbar(teller.tell(stories, months, names), length=round(months * 30.44), label=label) as days:
        for _ in days:
            pass
    told = teller.told
    if told.first_refusal is not None:
        said = " ".join(told.first_refusal.lines(language()))
        say(
            f"有 {told.refused} 件事被规则拒绝，到此为止；第一件：{said}",
            f"{told.refused} cases ended because a rule refused them; the first: {said}",
        )
    return told.records


def _say_made(made: int) -> None:
    say(f"新建 {made} 条记录。", f"{made} records made.")


@click.command(cls=SpokenCommand, zh="运行站点；通知与到期检查在同一进程内。")
@click.option(
    "--host",
    cls=SpokenOption,
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; 0.0.0.0 for every network of this machine.",
    zh="监听地址；0.0.0.0 为本机所有网络。",
)
@click.option(
    "--port",
    cls=SpokenOption,
    default=8000,
    show_default=True,
    type=WholeNumber(1, 65535),
    help="The port to listen on.",
    zh="监听端口。",
)
@click.option(
    "--threads",
    cls=SpokenOption,
    default=None,
    type=WholeNumber(1, 1000),
    help="Worker threads (default: by cores).",
    zh="工作线程数（默认按处理器核数）。",
)
@click.option(
    "--debug",
    cls=SpokenOption,
    is_flag=True,
    help="Flask's development server with its debugger; never for real use.",
    zh="Flask 开发服务器与调试器；切勿用于生产。",
)
@with_site
def serve(site: Site, host: str, port: int, threads: int | None, debug: bool) -> None:
    """Serve the site; with its worker for notifications and due times in the same process."""
    if not site.snapshot().model.doctypes:
        publish_packs(site, [])
    app = create_app(site)
    server = None if debug else _listening(app, site, host, port, threads)
    if site.settings.embedded_worker:
        site.start_workers()
    say(
        f"规矩正在运行：http://{host}:{port}（Ctrl-C 停止）",
        f"Guiju is running: http://{host}:{port}  (Ctrl-C stops it)",
        fg="green",
    )
    gc.freeze()  # what is there now stays: no search for garbage holds up the requests by going through it
    if server is None:
        app.run(host=host, port=port, debug=True, use_reloader=False)
    else:
        signal.signal(signal.SIGTERM, _finish)
        server.run()


def _finish(*_: object) -> None:
    """End as Ctrl-C does: requests that are being answered are answered, the worker comes to a stop, the site is closed."""
    sys.exit(0)


class CannotListen(GuijuError):
    """The server cannot be reached under this address and port."""


def _listening(app: Any, site: Site, host: str, port: int, threads: int | None) -> Any:
    """The server, bound to its port. Raises CannotListen, naming the port and what to do."""
    try:
        return waitress.create_server(
            app,
            host=host,
            port=port,
            threads=threads or max(4, 2 * (os.cpu_count() or 2)),
            ident="guiju",
            max_request_body_size=site.settings.max_file_bytes + 1024 * 1024,
        )
    except (OSError, ValueError) as error:  # waitress says ValueError for a host that it cannot resolve
        raise CannotListen(_why_not(host, port, getattr(error, "errno", None))) from None


def _why_not(host: str, port: int, number: int | None) -> Text:
    if number == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return Text(
            f"端口 {port} 已被占用，可能规矩已在运行。请停止占用它的程序，或换一个端口：--port {other}",
            f"Port {port} is in use; Guiju may be running already. Stop the program that uses it, or take another port: --port {other}",
        )
    if number in (errno.EACCES, errno.EPERM):
        return Text(
            f"没有使用端口 {port} 的权限（1024 以下的端口通常如此）。请换一个端口：--port 8000",
            f"The port {port} is not allowed to this user (as ports below 1024 mostly are). Take another port: --port 8000",
        )
    return Text(
        f"不能在 {host} 的端口 {port} 上监听：{host} 不是本机地址。请用 --host 127.0.0.1（仅本机）或 --host 0.0.0.0（所有网络）。",
        f"Cannot listen on port {port} of {host}: that is no address of this machine. Use --host 127.0.0.1 (this machine only) "
        "or --host 0.0.0.0 (every network).",
    )


@click.command(cls=SpokenCommand, zh="检查安装与站点哪里有问题，并说明怎么办。有问题时退出码为 1。")
@click.pass_context
@explained
def doctor(context: click.Context) -> None:
    """Look for what is broken in the set-up, and say what to do; exit status 1 if anything is."""
    bad = 0
    for finding in examine(context.obj):
        mark = click.style("✓", fg="green") if finding.is_good else click.style("✗", fg="red")
        click.echo(f" {mark} {finding.text.to(language())}")
        bad += not finding.is_good
    sys.exit(1 if bad else 0)


@click.group("audit", cls=SpokenGroup, zh="审计链。")
def audit_group() -> None:
    """The audit chain."""


@audit_group.command("verify", zh="按版本链核验每条记录；有绕过程序的改动时退出码为 1。")
@with_site
def audit_verify(site: Site) -> None:
    """Verify every record against its chain of versions; exit status 1 when something was changed behind the program's back."""
    model = site.snapshot().model
    label = Text("核验历史记录", "Verifying the history").to(language())
    with (
        site.database.read() as connection,
        click.progressbar(length=audit.number_of_entries(connection), label=label) as bar,
    ):
        findings = list(audit.verify(connection, model, bar.update))
    findings += site.signing.verify()
    for finding in findings:
        click.secho(f"  {finding.text.to(language())}", fg="red", err=True)
    if findings:
        say(f"发现 {len(findings)} 处异常。", f"{len(findings)} findings.", fg="red")
        sys.exit(1)
    say("审计链完整，没有发现改动。", "The audit chain is whole; nothing was changed behind it.", fg="green")
