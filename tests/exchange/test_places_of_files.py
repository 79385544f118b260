"""Every shipped piece stands where an export puts it: an exported pack then lies over the shipped one, file by file."""

from __future__ import annotations

from pathlib import Path

import server
from server.exchange.export import export_metadata
from server.exchange.packs import FOLDERS, read_packs
from server.exchange.reading import read_sources

ROOT = Path(server.__file__).parents[1]


def test_shipped_files_are_named_and_placed_as_an_export_names_and_places_them(tmp_path: Path) -> None:
    sources = read_packs([ROOT]).sources
    export_metadata(sources, read_sources(sources)[0], tmp_path)

    exported, shipped = (
        {str(file.relative_to(root)) for folder in FOLDERS for file in (root / folder).rglob("*.json")}
        for root in (tmp_path, ROOT)
    )
    assert shipped - exported == set(), f"an export would call them {sorted(exported - shipped)}"
