"""Adding, upgrading and removing a site's packs, each planned before it is done.

Which packs a site has is `pack_register`; reading a pack's files is `packs`, finding them `pack_finding`, writing them `pack_export`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection

from ..core.errors import Fault, GuijuError, MetadataInvalid, ValidationFailed
from ..core.text import Text
from ..storage import site_state
from ..storage.database import Database
from .customisation_files import put_on
from .customised import Kept, with_site_changes
from .fixtures import FixtureLoader
from .manifest import BUILTIN, Manifest, unmet, version_key
from .needs import Key, needing
from .pack_finding import find_pack
from .pack_register import PackRegister, PackState
from .packs import Pack, Source, read_packs
from .proposal import Proposal
from .publisher import Publisher

UNFINISHED = "packs_unfinished"  # in `gj_site`
Action = Literal["add", "upgrade", "remove"]


Files = Iterable[tuple[str, bytes]]  # their names and what is in them


@dataclass(frozen=True)
class PackPlan:
    """What adding, upgrading or removing a pack would do; nothing is done yet."""

    action: Action
    manifest: Manifest
    proposal: Proposal
    before: str = ""  # the version that the site has
    kept: tuple[Kept, ...] = ()  # pieces in which the site's changes stand
    removed: tuple[Key, ...] = ()
    released: tuple[Key, ...] = ()  # pieces that the site made before the pack shipped them: they stay, as the site's own
    notes: tuple[Text, ...] = ()
    sources: tuple[Source, ...] = ()
    fixtures: tuple[tuple[str, dict[str, Any]], ...] = ()
    translate: Callable[[str], int] | None = None  # puts the pack's translations in force, in somebody's name
    is_unfinished: bool = False  # its records were not all entered the last time

    @property
    def versions(self) -> str:
        """The version that the site would have, from which one where it is another."""
        now = self.manifest.version
        return now if self.before in ("", now) else f"{self.before} → {now}"

    @property
    def is_empty(self) -> bool:
        """Whether everything is there already as the pack has it."""
        is_same = self.proposal.is_empty and not self.removed and self.before == self.manifest.version
        return is_same and not self.is_unfinished


@dataclass(frozen=True)
class PackDone:
    """The metadata version that came into force, and how many records the pack brought along."""

    version: int
    records: int = 0


class PackService:
    """Changes the packs of one site; `loader` enters the records that a pack brings, `translator` checks its translations."""

    def __init__(
        self,
        database: Database,
        publisher: Publisher,
        register: PackRegister,
        loader: Callable[[], FixtureLoader],
        translator: Callable[[Files, Iterable[Source]], Callable[[str], int]],
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._register = register
        self._loader = loader
        self._translator = translator

    # Plans

    def plan_add(self, wanted: str) -> PackPlan:
        """Plan to add the pack of a folder, or the installed one of that name. Raises NotFound, MetadataInvalid, ValidationFailed."""
        manifest = find_pack(wanted)
        states = self._register.all()
        if any(state.name == manifest.name for state in states):
            raise ValidationFailed(
                Text(
                    f"站点上已有内容包 {manifest.name}；要更新请用 upgrade。",
                    f"The pack {manifest.name} is on this site already; upgrade it instead.",
                )
            )
        return self._plan("add", manifest, states)

    def plan_upgrade(self, name: str, folder: str | None = None) -> PackPlan:
        """Plan to bring a pack to the version that `folder`, or the place that it came from, has now. Raises as `plan_add`."""
        state = self._register.get(name)
        manifest = find_pack(folder) if folder else self._register.now(state)
        if manifest.name != name:
            raise ValidationFailed(
                Text(
                    f"{folder} 是内容包 {manifest.name}，不是 {name}。", f"{folder} holds the pack {manifest.name}, not {name}."
                )
            )
        return self._plan("upgrade", manifest, self._register.all(), state)

    def plan_remove(self, name: str) -> PackPlan:
        """Plan to take away what only this pack brought: tables are archived with their data. Raises NotFound, ValidationFailed with
        the names of what others need."""
        state = self._register.get(name)
        if name == BUILTIN or ("DocType", "User") in state.pieces:
            raise ValidationFailed(
                Text(
                    f"内容包 {name} 带有用户与角色，不能移除，否则无人能登录。",
                    f"The pack {name} brings users and roles; without them nobody could sign in.",
                )
            )
        if name in {one.name for one in self._register.standing_manifests()}:
            raise ValidationFailed(
                Text(
                    f"内容包 {name} 由站点设置 packs 引入；请先从 guiju.toml 中去掉。",
                    f"The pack {name} comes by the setting packs; take it out of guiju.toml first.",
                )
            )
        pieces = set(state.pieces)
        elsewhere = {(s.kind, s.name): s for s in read_packs(self._register.standing()).sources if (s.kind, s.name) in pieces}
        released = {key for key in pieces - set(elsewhere) if self._made_here(key)}
        gone = pieces - set(elsewhere) - released
        requiring = [one.name for one in self._register.all() if any(need.split()[0] == name for need in one.manifest.requires)]
        faults = [Fault(one, Text(f"内容包 {one} 需要它", f"the pack {one} requires it")) for one in requiring]
        remaining = [source for source in self._publisher.stored() if (source.kind, source.name) not in gone]
        _refuse_needed(state, [*faults, *needing(remaining, gone)])
        try:
            proposal = self._publisher.propose(elsewhere.values(), removed=gone)
        except MetadataInvalid as error:
            _refuse_needed(state, error.faults)
            raise
        notes = [
            Text(f"{key[1]}：站点所作的修改一并撤下。", f"{key[1]}: the site's changes go with it.")
            for key in sorted(set(self._publisher.customised()) & gone)
        ]
        return PackPlan(
            "remove",
            state.manifest,
            proposal,
            state.manifest.version,
            removed=tuple(sorted(gone)),
            released=tuple(sorted(released)),
            notes=tuple(notes),
        )

    def _plan(self, action: Action, manifest: Manifest, states: list[PackState], state: PackState | None = None) -> PackPlan:
        pack = read_packs([manifest.folder])
        present = {one.name: one.manifest.version for one in states if one.name != manifest.name}
        owners = {key: one.name for one in states if one.name != manifest.name for key in one.pieces}
        faults = [Fault(manifest.name, said) for need in manifest.requires if (said := unmet(need, present))]
        for source in pack.sources:
            if owner := owners.get((source.kind, source.name)):
                said = Text(
                    f"{source.file}：{source.name} 已由内容包 {owner} 提供；要更改它请用定制",
                    f"{source.file}: {source.name} is shipped by the pack {owner}; to change it, customise it",
                )
                faults.append(Fault(source.file, said))
        if pack.faults or faults:
            raise MetadataInvalid.of([*pack.faults, *faults])
        sources, kept = with_site_changes(self._publisher, pack.sources)
        gone, released = self._dropped(state, sources)
        sources, notes = self._with_customisations(pack, sources, skip_conflicts=action == "upgrade")
        remaining = [s for s in self._publisher.stored() if (s.kind, s.name) not in gone]
        if state is not None:
            _refuse_needed(state, needing([*(s for s in remaining if s.pack != manifest.name), *sources], gone))
        proposal = self._publisher.propose(sources, removed=gone, fixtures=pack.fixtures)
        if state is not None and version_key(manifest.version) < version_key(state.manifest.version):
            older = Text(
                f"版本 {manifest.version} 比站点上的 {state.manifest.version} 旧。",
                f"Version {manifest.version} is older than {state.manifest.version}, which the site has.",
            )
            notes.insert(0, older)
        return PackPlan(
            action,
            manifest,
            proposal,
            state.manifest.version if state else "",
            tuple(kept),
            tuple(sorted(gone)),
            tuple(sorted(released)),
            tuple(notes),
            tuple(sources),
            tuple(pack.fixtures),
            self._translator(pack.translations, sources),
            self._is_unfinished(manifest.name),
        )

    def _dropped(self, state: PackState | None, sources: Iterable[Source]) -> tuple[set[Key], set[Key]]:
        """Pieces that the pack no longer ships: those that go, and those that were the site's own before."""
        shipped = {(source.kind, name) for source in sources for name in (source.name, source.raw.get("renamed_from"))}
        dropped = set(state.pieces) - shipped if state else set()
        released = {key for key in dropped if self._made_here(key)}
        return dropped - released, released

    def _with_customisations(
        self, pack: Pack, sources: list[Source], *, skip_conflicts: bool
    ) -> tuple[list[Source], list[Text]]:
        """The pieces of the pack and those of others that its `customisations/` change, as the site's own changes of them."""
        if not pack.customisations:
            return sources, []
        given = {(source.kind, source.name): source for source in sources}
        in_force = {(source.kind, source.name): source.raw for source in self._publisher.stored()}
        in_force |= {key: source.raw for key, source in given.items()}
        made, carried, notes = put_on(in_force, pack.customisations, skip_conflicts=skip_conflicts)
        for key, raw in made.items():
            source = given.get(key) or Source(*key, in_force[key])
            shipped = source.shipped or (source.raw if key in given else self._publisher.shipped(*key))
            if shipped is None:
                said = Text(
                    f"{key[1]} 不是内容包提供的，不能定制", f"{key[1]} is not shipped by a pack; it cannot be customised"
                )
                raise MetadataInvalid.of([Fault(key[1], said)])
            given[key] = replace(source, raw=raw, shipped=shipped)
        for item in carried:
            count = len(item.changes)
            notes.append(Text(f"定制 {item.name}：{count} 处。", f"customise {item.name}: {count} places."))
        return list(given.values()), notes

    # Doing it

    def carry_out(self, plan: PackPlan, by: str, *, reason: str = "") -> PackDone:
        """Publish what was planned and remember the pack, in one transaction; then enter the records that it brings.

        Raises PlanRefused when somebody else has published since, TestsFail when its rules fail their tests and no reason is given.
        """

        def remember(connection: Connection) -> None:
            if plan.action == "remove":
                self._register.forget(connection, plan.manifest.name)
            else:
                self._register.remember(connection, plan.manifest, by, is_new=plan.action == "add")
            self._register.assign(connection, plan.sources, plan.released)
            self._mark(connection, plan.manifest.name, is_unfinished=plan.action != "remove")

        if plan.proposal.is_empty and not plan.removed:
            with self._database.write() as connection:
                remember(connection)
            version = self._publisher.snapshot().version
        else:
            version = self._publisher.publish(plan.proposal, by, removed=plan.removed, reason=reason, also=remember)
        try:
            if plan.translate is not None:
                plan.translate(by)
            done = PackDone(version, sum(made for _, made in self._loader().load(plan.fixtures)))
        except GuijuError as error:
            raise ValidationFailed(
                Text(
                    f"内容包 {plan.manifest.name} 已生效，但它的记录没有全部录入；更正后再 upgrade 一次：",
                    f"The pack {plan.manifest.name} is in force, but not all of its records were entered; upgrade it again once "
                    "this is right:",
                ),
                error.faults or [Fault("", error.text)],
            ) from error
        with self._database.write() as connection:
            self._mark(connection, plan.manifest.name, is_unfinished=False)
        return done

    def _mark(self, connection: Connection, name: str, *, is_unfinished: bool) -> None:
        """Whether the records of a pack are still to be entered, so that the next upgrade enters them."""
        names = set(site_state.get(connection, UNFINISHED, []))
        site_state.put(connection, UNFINISHED, sorted(names | {name} if is_unfinished else names - {name}))

    def _is_unfinished(self, name: str) -> bool:
        with self._database.read() as connection:
            return name in site_state.get(connection, UNFINISHED, [])

    def _made_here(self, key: Key) -> bool:
        """Whether the site had the piece before any pack shipped it."""
        history = self._publisher.history(*key)
        return bool(history) and history[-1]["origin"] != "pack"


def _refuse_needed(state: PackState, faults: Iterable[Fault]) -> None:
    found = list(faults)
    if found:
        raise ValidationFailed(
            Text(
                f"{state.manifest.called().zh} 的这些内容别处还要用，未作任何更改：",
                f"Others need what {state.manifest.called().en} brought; nothing was changed:",
            ),
            found,
        )
