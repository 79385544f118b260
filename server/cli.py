"""The console command `guiju` (Click, through Flask's): a site's life from the shell.

Every command names its site by `--site DIR` (or `GUIJU_SITE`; default `./site`). Messages are in Chinese or English by
`--language` (or `GUIJU_LANGUAGE`, `LANG`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import click
import waitress

from . import __version__
from .access.user import ADMINISTRATOR
from .app import create_app
from .assets import builtin_pack
from .core.errors import Fault, GuijuError, MetadataInvalid
from .core.text import Language, Text, language_of
from .doctor import examine
from .exchange.export import export_metadata
from .exchange.packs import read_packs
from .exchange.publisher import check_sources, read_sources
from .rulebook.testing import run_tests
from .site import Site, open_site
from .storage import audit

Command = Callable[..., Any]


def _language() -> Language:
    return language_of(os.environ.get("GUIJU_LANGUAGE") or os.environ.get("LANG") or "zh")


def say(zh: str, en: str, **style: Any) -> None:
    click.secho(Text(zh, en).to(_language()), **style)


def show_faults(faults: Iterable[Fault], *, colour: str) -> None:
    for fault in faults:
        click.secho(f"  {fault.text.to(_language())}", fg=colour, err=colour == "red")


def explained(command: Command) -> Command:
    """Errors meant for people end the command with their words and exit status 1, never with a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except GuijuError as error:
            click.secho(error.text.to(_language()), fg="red", err=True)
            show_faults(error.faults, colour="red")
            sys.exit(1)

    return run


def with_site(command: Command) -> Command:
    """Open the site of `--site` for a command and close it after."""

    @click.pass_context
    @explained
    @wraps(command)
    def run(context: click.Context, *args: Any, **kwargs: Any) -> Any:
        site = open_site(context.obj)
        try:
            return command(site, *args, **kwargs)
        finally:
            site.close()

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="guiju")
@click.option(
    "--site",
    "site_dir",
    type=click.Path(path_type=Path),
    default=lambda: Path(os.environ.get("GUIJU_SITE") or "site"),
    help="The site's folder (default: ./site, or GUIJU_SITE).",
)
@click.pass_context
def main(context: click.Context, site_dir: Path) -> None:
    """Guiju 规矩: forms and rules for a manufacturer's procedures."""
    context.obj = site_dir.resolve()


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@explained
def init(directory: Path) -> None:
    """Make a site folder DIRECTORY: settings, folders for your own metadata, a database with the built-in pack."""
    directory = directory.resolve()
    for folder in ("doctypes", "rules", "print_formats", "fixtures", "files"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    config = directory / "guiju.toml"
    if not config.exists():
        config.write_text(CONFIG_TEMPLATE, "utf-8")
    site = open_site(directory)
    try:
        _publish(site, [], plan_only=False)
        _load_fixtures(site, with_demo=False)
    finally:
        site.close()
    say(f"站点已就绪：{directory}", f"The site is ready: {directory}", fg="green")


CONFIG_TEMPLATE = """\
# 规矩站点设置 / Guiju site settings. Every key is optional; see docs/administration.md.
# database_url = "postgresql+psycopg://user:password@localhost/guiju"
# company = "规矩精密机械有限公司"
# language = "zh"
# timezone = "Asia/Shanghai"
"""


@main.command()
@with_site
def demo(site: Site) -> None:
    """Publish the built-in pack and load the demo company: users for every role and records to work on."""
    _publish(site, [], plan_only=False)
    _load_fixtures(site, with_demo=True)
    say("演示账号（登录名 / 密码）：", "Demo accounts (login / password):", bold=True)
    for login, full_name, roles, password in demo_accounts(site):
        click.echo(f"  {login:<16} {password:<12} {full_name}  {'、'.join(roles)}")


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


def _load_fixtures(site: Site, *, with_demo: bool) -> None:
    fixtures = site.read_packs(with_demo=with_demo).fixtures
    loader = site.fixture_loader()
    with click.progressbar(
        loader.load(fixtures), length=len(fixtures), label=Text("载入记录", "Loading records").to(_language())
    ) as bar:
        made = sum(number for _, number in bar)
    say(f"新建 {made} 条记录。", f"{made} records made.")


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@explained
def check(paths: tuple[Path, ...]) -> None:
    """Check metadata files or packs (default: the built-in pack): every fault with its place; exit status 1 if any."""

    pack = read_packs([builtin_pack(), *paths] if paths else [builtin_pack()])
    faults: tuple[Fault, ...] = tuple(pack.faults)
    warnings: tuple[Fault, ...] = ()
    try:
        warnings = check_sources(pack.sources)
    except GuijuError as error:
        faults += error.faults
    show_faults(warnings, colour="yellow")
    if faults:
        show_faults(faults, colour="red")
        say(
            f"{len(pack.sources)} 个文件，{len(faults)} 处错误。", f"{len(pack.sources)} files, {len(faults)} faults.", fg="red"
        )
        sys.exit(1)
    say(f"{len(pack.sources)} 个文件，没有错误。", f"{len(pack.sources)} files, no faults.", fg="green")


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--plan", "plan_only", is_flag=True, help="Only show what would be done.")
@with_site
def publish(site: Site, paths: tuple[Path, ...], plan_only: bool) -> None:
    """Publish metadata of PATHS (default: the site's packs): check, plan the tables, apply."""
    _publish(site, list(paths), plan_only=plan_only)


def _publish(site: Site, paths: list[Path], *, plan_only: bool) -> None:

    pack = read_packs(paths) if paths else site.read_packs()
    if pack.faults:
        raise MetadataInvalid.of(pack.faults)
    proposal = site.publisher.propose(pack.sources)
    show_faults(proposal.warnings, colour="yellow")
    if proposal.is_empty:
        say("元数据已是最新，没有变化。", "The metadata is up to date; nothing to do.")
        return
    say(
        f"变化 {len(proposal.changed)} 项，建表或改表 {len(proposal.plan.steps)} 步：",
        f"{len(proposal.changed)} pieces changed, {len(proposal.plan.steps)} steps on tables:",
    )
    for step in proposal.plan.steps:
        click.echo(f"  {step.describe().to(_language())}")
    if plan_only:
        return
    version = site.publisher.publish(proposal, by=ADMINISTRATOR)
    say(f"已发布，元数据版本 {version}。", f"Published; metadata version {version}.", fg="green")


@main.group()
def user() -> None:
    """People who may sign in."""


@user.command("add")
@click.argument("login")
@click.option("--name", "full_name", required=True, help="Full name.")
@click.option("--role", "roles", multiple=True, help="A role; may be repeated.")
@click.password_option()
@with_site
def user_add(site: Site, login: str, full_name: str, roles: tuple[str, ...], password: str) -> None:
    """Add a user LOGIN."""
    rows = [{"role": role} for role in roles]
    site.documents.save(site.user(ADMINISTRATOR), "User", {"login": login, "full_name": full_name, "enabled": 1, "roles": rows})
    site.accounts.set_password(login, password)
    say(f"已添加用户 {login}。", f"Added user {login}.", fg="green")


@user.command("passwd")
@click.argument("login")
@click.password_option()
@with_site
def user_passwd(site: Site, login: str, password: str) -> None:
    """Set the password of LOGIN; all their sessions end."""
    site.user(login)
    site.accounts.set_password(login, password)
    say(f"已更改 {login} 的密码。", f"Changed the password of {login}.", fg="green")


@user.command("roles")
@click.argument("login")
@click.argument("roles", nargs=-1)
@with_site
def user_roles(site: Site, login: str, roles: tuple[str, ...]) -> None:
    """Show the roles of LOGIN, or replace them by ROLES."""
    administrator = site.user(ADMINISTRATOR)
    if roles:
        site.documents.save(administrator, "User", {"roles": [{"role": role} for role in roles]}, name=login)
    record = site.documents.load(administrator, "User", login)
    click.echo("\n".join(row["role"] for row in record["roles"]) or Text("没有角色", "no roles").to(_language()))


@main.group()
def rules() -> None:
    """Business rules."""


@rules.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@explained
def rules_test(paths: tuple[Path, ...]) -> None:
    """Run the tests that stand in rule files; exit status 1 if any fails."""

    model, found = read_sources(read_packs([builtin_pack(), *paths]).sources)
    results = run_tests(found, model)
    failed = [result for result in results if not result.passed]
    for result in failed:
        click.secho(f"  {result.rule}: {result.title.to(_language())}: {result.message.to(_language())}", fg="red", err=True)
    say(
        f"{len(found)} 条规则，{len(results)} 个测试，{len(failed)} 个失败。",
        f"{len(found)} rules, {len(results)} tests, {len(failed)} failed.",
        fg="red" if failed else "green",
    )
    sys.exit(1 if failed else 0)


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@with_site
def export(site: Site, directory: Path) -> None:
    """Write the metadata in force to DIRECTORY, as the files of a content pack."""

    number = export_metadata(site.publisher.stored(), site.snapshot().model, directory)
    say(f"已导出 {number} 个文件到 {directory}。", f"Wrote {number} files to {directory}.", fg="green")


@main.group("audit")
def audit_group() -> None:
    """The audit chain."""


@audit_group.command("verify")
@with_site
def audit_verify(site: Site) -> None:
    """Verify every record against its chain of versions; exit status 1 when something was changed behind the program's back."""

    model = site.snapshot().model
    with site.database.read() as connection:
        findings = list(audit.verify(connection, model))
    for finding in findings:
        click.secho(f"  {finding.text.to(_language())}", fg="red", err=True)
    if findings:
        say(f"发现 {len(findings)} 处异常。", f"{len(findings)} findings.", fg="red")
        sys.exit(1)
    say("审计链完整，没有发现改动。", "The audit chain is whole; nothing was changed behind it.", fg="green")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=None, type=int, help="Worker threads (default: by cores).")
@click.option("--debug", is_flag=True, help="Flask's development server with its debugger; never for real use.")
@with_site
def serve(site: Site, host: str, port: int, threads: int | None, debug: bool) -> None:
    """Serve the site; with its worker for notifications and due times in the same process."""

    if not site.snapshot().model.doctypes:
        _publish(site, [], plan_only=False)
    app = create_app(site)
    if site.settings.embedded_worker:
        site.worker.start()
    say(
        f"规矩正在运行：http://{host}:{port}（Ctrl-C 停止）",
        f"Guiju is running: http://{host}:{port}  (Ctrl-C stops it)",
        fg="green",
    )
    if debug:
        app.run(host=host, port=port, debug=True, use_reloader=False)
        return
    workers = threads or max(4, 2 * (os.cpu_count() or 2))
    waitress.serve(
        app,
        host=host,
        port=port,
        threads=workers,
        ident="guiju",
        max_request_body_size=site.settings.max_file_bytes + 1024 * 1024,
    )


@main.command()
@click.pass_context
@explained
def doctor(context: click.Context) -> None:
    """Look for what is broken in the set-up, and say what to do."""

    bad = 0
    for finding in examine(context.obj):
        mark = click.style("✓", fg="green") if finding.is_good else click.style("✗", fg="red")
        click.echo(f" {mark} {finding.text.to(_language())}")
        bad += not finding.is_good
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
