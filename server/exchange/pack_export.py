"""Writing a pack's folder: the site's own metadata and customisations, or a pack with what the site changed of it.

What is written, `guiju pack add` takes on another site. Files of a piece that the folder holds already are written again where they
stand; files of pieces that are gone are deleted when the folder is this pack's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import ValidationFailed
from ..core.text import Text
from ..metadata.load import dump_text
from ..metadata.model import Model
from .customisation_files import to_file
from .customisations import Customisation
from .export import export_metadata, slug
from .manifest import FILE, NAME, VERSION, Manifest
from .needs import named_by
from .pack_register import PackState
from .packs import AMONG_FIXTURES, CUSTOMISATIONS, TRANSLATIONS, Source, manifest_of, read_packs


@dataclass(frozen=True)
class PackContent:
    """What a pack's folder shall hold; `folder` is where records and translations that come along are, if any."""

    manifest: Manifest
    sources: tuple[Source, ...]
    customisations: tuple[Customisation, ...] = ()
    folder: Path | None = None

    @property
    def is_empty(self) -> bool:
        return not self.sources and not self.customisations


def own_content(
    stored: Iterable[Source], customisations: Iterable[Customisation], packs: Iterable[PackState], manifest: Manifest
) -> PackContent:
    """The site's own pieces and its customisations of shipped ones, requiring the packs that they build on."""
    pieces = list(stored)
    own = tuple(source for source in pieces if not source.pack)
    changed = tuple(item for item in customisations if item.pack)
    owners = {source.name: source.pack for source in pieces if source.kind == "DocType" and source.pack}
    needed = {owners[name] for source in own for _, name in named_by(source) if name in owners}
    needed |= {item.pack for item in changed}
    versions = {state.name: state.manifest.version for state in packs}
    requires = tuple(f"{name} >= {_plain(versions[name])}" if versions.get(name) else name for name in sorted(needed))
    return PackContent(
        Manifest(manifest.name, manifest.version, manifest.title, requires, manifest.folder, manifest.place), own, changed
    )


def pack_content(state: PackState, stored: Iterable[Source]) -> PackContent:
    """A pack as it is in force here, with the site's changes in it; `+site` in its version says that there are some."""
    sources = tuple(source for source in stored if source.pack == state.name)
    here = state.manifest
    version = f"{_plain(here.version)}+site" if state.customised else here.version
    return PackContent(Manifest(here.name, version, here.title, here.requires), sources, folder=here.folder)


def write_pack(content: PackContent, model: Model, directory: Path) -> int:
    """Write the folder; returns the number of files. Raises ValidationFailed when it is another pack's."""
    manifest = content.manifest
    _check(manifest)
    directory.mkdir(parents=True, exist_ok=True)
    there = manifest_of(directory, [])
    if there is not None and there.name != manifest.name:
        raise ValidationFailed(
            Text(
                f"{directory} 里是另一个内容包 {there.name}。请另选目录，或用 --name {there.name}。",
                f"{directory} holds another pack, {there.name}. Choose another folder, or --name {there.name}.",
            )
        )
    before = read_packs([directory])
    present = {(source.kind, source.name): directory / source.file for source in before.sources}
    written = export_metadata(content.sources, model, directory, present)
    if there is not None:
        kept = {(source.kind, source.name) for source in content.sources}
        for key, file in present.items():
            if key not in kept:
                file.unlink(missing_ok=True)
                file.with_suffix(".html").unlink(missing_ok=True)
        shutil.rmtree(directory / CUSTOMISATIONS, ignore_errors=True)
    for item in content.customisations:
        file = directory / CUSTOMISATIONS / slug(item.kind) / f"{slug(item.name)}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dump_text(to_file([item])), "utf-8")
        written += 1
    for part in ("fixtures", TRANSLATIONS):
        if content.folder is not None and (content.folder / part).is_dir() and content.folder.resolve() != directory.resolve():
            # workflows and reports stand among the fixtures and are pieces: they are written as they are in force
            others = shutil.ignore_patterns(*AMONG_FIXTURES)
            shutil.copytree(content.folder / part, directory / part, dirs_exist_ok=True, ignore=others)
    (directory / FILE).write_text(json.dumps(_said(manifest), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return written + 1


def _said(manifest: Manifest) -> Mapping[str, Any]:
    said: dict[str, Any] = {"name": manifest.name, "version": manifest.version}
    if manifest.title:
        said["title"] = manifest.title.to_json()
    return said | ({"requires": list(manifest.requires)} if manifest.requires else {})


def _check(manifest: Manifest) -> None:
    if not NAME.match(manifest.name):
        raise ValidationFailed(
            Text(
                f"{manifest.name!r} 不是内容包名：小写英文字母开头，只含小写字母、数字、- 和 _。",
                f"{manifest.name!r} is not a pack name: lower-case letters, digits, - and _, beginning with a letter.",
            )
        )
    if not VERSION.match(manifest.version):
        raise ValidationFailed(
            Text(f"{manifest.version!r} 不是版本号，应如 1.2.0。", f"{manifest.version!r} is not a version such as 1.2.0.")
        )


def _plain(version: str) -> str:
    """The version without what follows `+`."""
    return version.partition("+")[0]
