"""Where packs come from: a folder, or an installed wheel that names one under the entry point group `guiju.packs`.

    [project.entry-points."guiju.packs"]
    inspection = "guiju_inspection"            # the package's folder is the pack; "guiju_inspection:pack" its folder `pack`

A wheel's package is found, never imported: a pack is data.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from ..core.errors import Fault, MetadataInvalid, NotFound
from ..core.text import Text, nearest
from .manifest import Manifest
from .packs import is_pack_folder, manifest_of

GROUP = "guiju.packs"
WHEEL = "wheel "  # how a place begins that is an installed distribution


def installed_packs() -> tuple[list[Manifest], list[Fault]]:
    """The packs of installed wheels by name, and what is wrong with others."""
    found: list[Manifest] = []
    faults: list[Fault] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        folder = _folder_of(entry)
        here: list[Fault] = []
        manifest = manifest_of(folder, here) if folder is not None else None
        distribution = entry.dist.name if entry.dist is not None else entry.module
        if manifest is None:
            said = Text(
                f"已安装的 {distribution}：{entry.value} 不是内容包", f"installed {distribution}: {entry.value} is no pack"
            )
            faults += here or [Fault(entry.name, said)]
        else:
            found.append(Manifest(**{**vars(manifest), "place": f"{WHEEL}{distribution}"}))
    return found, faults


def find_pack(wanted: str) -> Manifest:
    """The pack in the folder `wanted`, or the installed one of that name. Raises NotFound, MetadataInvalid."""
    folder = Path(wanted).expanduser()
    if folder.is_dir():
        return _pack_in(folder.resolve())
    installed, faults = installed_packs()
    found = next((one for one in installed if one.name == wanted), None)
    if found is not None:
        return found
    if faults and any(fault.where == wanted for fault in faults):
        raise MetadataInvalid.of(faults)
    names = [one.name for one in installed]
    near = nearest(wanted, names)
    raise NotFound(
        Text(
            f"没有目录 {wanted}，也没有安装名为 {wanted} 的内容包。{near.zh}",
            f"There is no folder {wanted}, and no installed pack of that name.{near.en}",
        )
    )


def _pack_in(folder: Path) -> Manifest:
    faults: list[Fault] = []
    manifest = manifest_of(folder, faults)
    if faults:
        raise MetadataInvalid.of(faults)
    if manifest is None or not is_pack_folder(folder):
        raise NotFound(
            Text(
                f'{folder} 不是内容包：应有 pack.json（如 {{"name": "inspection", "version": "1.0.0"}}）和 doctypes、rules 等文件夹。',
                f'{folder} is no pack: it needs a pack.json such as {{"name": "inspection", "version": "1.0.0"}} beside doctypes, rules '
                "and so on.",
            )
        )
    return manifest


def _folder_of(entry: EntryPoint) -> Path | None:
    try:
        found = find_spec(entry.module)
    except (ImportError, ValueError, AttributeError):
        return None
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place, *entry.attr.split("."))
        if folder.is_dir():
            return folder
    return None
