"""An office that signs: orders of the shop, its people with passwords of their own, authenticators, and somebody with SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents_shop import LINE, ORDER, PART, order
from sqlalchemy import Connection, text

from server.access import totp
from server.access.identity import Credentials
from server.access.user import User
from server.documents.signed_content import Signature
from server.documents.signing import Signing
from server.exchange.packs import Source, read_packs
from server.site import Site
from server.storage import audit, signatures

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "方正-Right-1"
PEOPLE = {"clerk": "Clerk", "boss": "Boss", "chief": "Chief", "guest": "Guest Clerk"}


def open_office(site: Site, *rules: dict[str, Any]) -> None:
    """Publish the DocTypes, and enter the people."""
    core = [item for item in read_packs([ROOT]).sources if item.kind == "DocType" and item.raw.get("module") == "core"]
    permitted = {**ORDER, "permissions": [*ORDER["permissions"], {"role": "Chief", "read": 1}]}  # type: ignore[misc]
    own = [Source("DocType", f"{raw['name']}.json", dict(raw)) for raw in (PART, LINE, permitted)]
    publish = [Source("Rule", f"{raw['name']}.json", dict(raw)) for raw in rules]
    site.publisher.publish(site.publisher.propose([*core, *own, *publish]), "tests")
    administrator = site.user("Administrator")
    for role in PEOPLE.values():
        site.documents.save(administrator, "Role", {"role_name": role, "title": role})
    for login, role in PEOPLE.items():
        rows = [{"role": role}]
        values = {"login": login, "full_name": f"{login} 全名", "enabled": 1, "language": "zh", "roles": rows}
        site.documents.save(administrator, "User", values)
        site.accounts.set_password(login, PASSWORD)
    clerk = site.user("clerk")
    for code in ("P1", "P2"):
        site.documents.save(clerk, "Part", {"code": code, "title": f"Part {code}", "price": "10"})


@dataclass
class Office:
    """What tests do there, said shortly."""

    site: Site

    def user(self, login: str) -> User:
        return self.site.user(login)

    def order(self, by: str = "clerk", **values: Any) -> dict[str, Any]:
        return dict(self.site.documents.save(self.user(by), "Order", order(**values)).record)

    def change(self, record: dict[str, Any], by: str = "clerk", **values: Any) -> dict[str, Any]:
        return dict(self.site.documents.save(self.user(by), "Order", values, name=record["name"]).record)

    def sign(
        self, by: str, record: dict[str, Any], meaning: str = "approved", *, given: Credentials | None = None,
        token: str | None = None, **signing: Any,
    ) -> Signature:  # fmt: skip
        credentials = given or Credentials(by, PASSWORD)
        version = signing.pop("version", record["version"])
        return self.site.signing.sign(
            self.user(by), "Order", record["name"], Signing(meaning, **signing), credentials, version=version, token=token
        )

    def signatures(self, record: dict[str, Any], reader: str = "clerk") -> list[Signature]:
        return self.site.signing.of_record(self.user(reader), "Order", record["name"])

    def enrol(self, login: str) -> Callable[[], str]:
        """Give somebody an authenticator; what comes back shows its present code."""
        secret, _ = self.site.identity.begin_second_factor(self.user(login), PASSWORD)
        self.site.identity.confirm_second_factor(self.user(login), totp.code_at(secret, totp.step_of(self.site.clock.now())))
        return lambda: totp.code_at(secret, totp.step_of(self.site.clock.now()))

    @contextmanager
    def behind_the_back(self) -> Iterator[Connection]:
        """What somebody with the database's password does, protection off; undone at the end. Not for MariaDB, which keeps it."""

        class Undo(Exception): ...

        try:
            with self.site.database.write() as connection:
                if self.site.database.dialect == "sqlite":
                    for table in ("gj_signature", "gj_version"):
                        for change in ("update", "delete"):
                            connection.execute(text(f"DROP TRIGGER {table}_no_{change}"))
                else:
                    connection.execute(text("ALTER TABLE gj_signature DISABLE TRIGGER ALL"))
                    connection.execute(text("ALTER TABLE gj_version DISABLE TRIGGER ALL"))
                yield connection
                raise Undo
        except Undo:
            pass

    def findings(self, connection: Connection) -> list[str]:
        """What `guiju audit verify` tells, asked within a transaction."""
        found = list(audit.verify(connection, self.site.snapshot().model))
        found += list(signatures.verify(connection, self.site.signing._vault.stamp))
        return [item.text.en for item in found]
