"""`guiju user ...`: people who may sign in, their roles, passwords and API keys.

Everything is done in the name of the built-in Administrator, through the same services as in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..access.user import ADMINISTRATOR
from ..access.user_records import login_fault
from ..core.errors import DuplicateValue, Fault, NotFound, ValidationFailed
from ..core.text import Text, nearest
from ..site import Site
from .console import SpokenGroup, SpokenOption, language, say, with_site

EVERY_ROLE = 10_000


@click.group(cls=SpokenGroup, zh="能登录的人：添加、停用、角色、密码、API 密钥。")
def user() -> None:
    """People who may sign in: add, disable, roles, passwords, API keys."""


@user.command("list", zh="列出用户：登录名、姓名、是否启用、角色。")
@with_site
def user_list(site: Site) -> None:
    """List the users: login, full name, whether enabled, roles."""
    administrator = site.user(ADMINISTRATOR)
    page = site.queries.list(administrator, "User", fields=["name"], order_by="name asc", limit=EVERY_ROLE)
    for row in page.rows:
        found = site.user(row["name"])
        state = "" if found.enabled else Text("  [已停用]", "  [disabled]").to(language())
        click.echo(f"{found.name:<20} {found.full_name}{state}  {_listed(sorted(found.roles - {'All'}))}")


@user.command("add", zh="添加用户 LOGIN，并设置密码。")
@click.argument("login")
@click.option("--name", "full_name", cls=SpokenOption, required=True, help="Full name.", zh="姓名。")
@click.option("--role", "roles", cls=SpokenOption, multiple=True, help="A role; may be repeated.", zh="角色；可多次给出。")
@click.option("--password", cls=SpokenOption, help="The password; asked for when it is not given.", zh="密码；不给则询问。")
@with_site
def user_add(site: Site, login: str, full_name: str, roles: tuple[str, ...], password: str | None) -> None:
    """Add a user LOGIN with a password: both, or nothing when either is refused."""
    _refuse_new(site, login, roles)
    store = site.accounts.prepare_password(login, password if password is not None else _asked_password())
    values = {"login": login, "full_name": full_name, "enabled": 1, "roles": [{"role": role} for role in roles]}
    site.documents.save(site.user(ADMINISTRATOR), "User", values, also=store)
    say(f"已添加用户 {login}。", f"Added user {login}.", fg="green")


@user.command("passwd", zh="设置 LOGIN 的密码；其所有会话随之结束。")
@click.argument("login")
@click.option("--password", cls=SpokenOption, help="The password; asked for when it is not given.", zh="密码；不给则询问。")
@with_site
def user_passwd(site: Site, login: str, password: str | None) -> None:
    """Set the password of LOGIN; all their sessions end."""
    found = site.user(login)
    site.accounts.set_password(login, password if password is not None else _asked_password())
    say(f"已更改 {login} 的密码。", f"Changed the password of {login}.", fg="green")
    if not found.enabled:
        say(
            f"账号 {login} 仍处于停用状态，不能登录。启用：guiju user enable {login}",
            f"The account {login} stays disabled and cannot sign in. To enable it: guiju user enable {login}",
            fg="yellow",
        )


@user.command("enable", zh="启用 LOGIN：此人又可登录。")
@click.argument("login")
@with_site
def user_enable(site: Site, login: str) -> None:
    """Enable LOGIN: they may sign in again."""
    _switch(site, login, enabled=True)
    say(f"已启用 {login}。", f"Enabled {login}.", fg="green")


@user.command("disable", zh="停用 LOGIN：此人不能再登录，会话与 API 密钥失效，记录保留。")
@click.argument("login")
@with_site
def user_disable(site: Site, login: str) -> None:
    """Disable LOGIN: they cannot sign in, sessions and API keys stop working; what they signed stays on record."""
    _switch(site, login, enabled=False)
    say(f"已停用 {login}。", f"Disabled {login}.", fg="green")


@user.command("roles", zh="显示 LOGIN 的角色；给出 ROLES 则改为这些角色。")
@click.argument("login")
@click.argument("roles", nargs=-1)
@with_site
def user_roles(site: Site, login: str, roles: tuple[str, ...]) -> None:
    """Show the roles of LOGIN; with ROLES, replace them by these."""
    site.user(login)
    administrator = site.user(ADMINISTRATOR)
    if roles:
        _refuse_built_in(login)
        _refuse_unknown_roles(site, roles)
        site.documents.save(administrator, "User", {"roles": [{"role": role} for role in roles]}, name=login)
    held = sorted(site.user(login).roles - {"All"})
    click.echo("\n".join(held) or Text("没有角色", "no roles").to(language()))


@user.command("keys", zh="列出 LOGIN 的 API 密钥，不含密文。")
@click.argument("login")
@with_site
def user_keys(site: Site, login: str) -> None:
    """List the API keys of LOGIN, without their secrets."""
    site.user(login)
    keys = site.accounts.keys_of(login)
    for item in keys:
        made = item.created_at.astimezone(site.zone).strftime("%Y-%m-%d")
        used = item.used_at.astimezone(site.zone).strftime("%Y-%m-%d %H:%M") if item.used_at else "-"
        state = Text("已吊销", "revoked") if item.revoked_at else Text("有效", "in force")
        labels = Text(f"创建 {made}，最近使用 {used}", f"made {made}, last used {used}")
        click.echo(f"{item.key}  {state.to(language())}  {labels.to(language())}  {item.title}".rstrip())
    if not keys:
        say(f"{login} 没有 API 密钥。", f"{login} has no API keys.")


@user.command("revoke-key", zh="吊销 LOGIN 的 API 密钥 KEY，立即失效。")
@click.argument("login")
@click.argument("key")
@with_site
def user_revoke_key(site: Site, login: str, key: str) -> None:
    """Revoke the API key KEY of LOGIN: it stops working at once."""
    site.user(login)
    if all(item.key != key for item in site.accounts.keys_of(login)):
        raise NotFound(
            Text(
                f"{login} 没有密钥 {key}。查看：guiju user keys {login}",
                f"{login} has no key {key}. To see them: guiju user keys {login}",
            )
        )
    if site.accounts.revoke_api_key(key, by=ADMINISTRATOR):
        say(f"已吊销 {login} 的密钥 {key}。", f"Revoked the key {key} of {login}.", fg="green")
    else:
        say(f"密钥 {key} 早已吊销。", f"The key {key} was revoked before.")


def _switch(site: Site, login: str, *, enabled: bool) -> None:
    site.user(login)
    _refuse_built_in(login)
    site.documents.save(site.user(ADMINISTRATOR), "User", {"enabled": int(enabled)}, name=login)


def _asked_password() -> str:
    return str(
        click.prompt(
            Text("密码", "Password").to(language()),
            hide_input=True,
            confirmation_prompt=Text("再输一次", "Repeat for confirmation").to(language()),
        )
    )


def _refuse_new(site: Site, login: str, roles: Sequence[str]) -> None:
    """What stands against a new user, before anybody types a password for nothing."""
    if said := login_fault(login):
        raise ValidationFailed(Text("未添加用户：", "No user was added:"), [Fault("login", said)])
    try:
        site.user(login)
    except NotFound:
        _refuse_unknown_roles(site, roles)
        return
    raise DuplicateValue(Text(f"已有用户 {login}。", f"There is a user {login} already."))


def _refuse_built_in(login: str) -> None:
    if login == ADMINISTRATOR:
        raise ValidationFailed(
            Text(
                f"{ADMINISTRATOR} 是内置管理员，不能停用，也没有可更改的角色。",
                f"{ADMINISTRATOR} is built in: it cannot be disabled and has no roles to change.",
            )
        )


def _refuse_unknown_roles(site: Site, roles: Sequence[str]) -> None:
    page = site.queries.list(site.user(ADMINISTRATOR), "Role", fields=["name"], order_by="name asc", limit=EVERY_ROLE)
    known = [row["name"] for row in page.rows]
    faults = []
    for role in roles:
        if role not in known:
            hint = nearest(role, known)
            faults.append(Fault("roles", Text(f"没有角色“{role}”。{hint.zh}", f'There is no role "{role}".{hint.en}')))
    if faults:
        raise ValidationFailed(Text(f"角色有：{'、'.join(known)}。", f"The roles are: {', '.join(known)}."), faults)


def _listed(roles: Sequence[str]) -> str:
    return Text("、".join(roles) or "没有角色", ", ".join(roles) or "no roles").to(language())
