"""Geolocation: a place, kept as Frappe keeps it: GeoJSON text, a FeatureCollection.

People read and type a point as `latitude, longitude` in degrees (WGS 84); lines and areas that other programs drew stay as they
are and show as a count.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from ...core.text import Text
from ...core.values import plain_number
from .base import FieldType, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

_POINT = re.compile(r"\s*([+-]?\d{1,2}(?:\.\d{1,12})?)\s*[,，;\s]\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*")
_SHAPES = {"FeatureCollection", "Feature", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}  # fmt: skip
MAX_LENGTH = 200_000


class GeolocationType(FieldType):
    is_short: ClassVar[bool] = False
    operators = ("is",)

    def parse(self, value: Any, item: DocField) -> str | None:
        if isinstance(value, dict):
            value = json.dumps(value, ensure_ascii=False)
        if value is None or not str(value).strip():
            return None
        text = str(value)
        if point := _POINT.fullmatch(text):
            latitude, longitude = Decimal(point[1]), Decimal(point[2])
            if abs(latitude) > 90 or abs(longitude) > 180:
                raise _refused(text)
            return json.dumps(_collection(float(longitude), float(latitude)))
        if len(text) > MAX_LENGTH or not isinstance(shape := _load(text), dict) or shape.get("type") not in _SHAPES:
            raise _refused(text)
        return text

    def input_text(self, value: Any, zone: ZoneInfo) -> str:
        """`latitude, longitude` of a single point, else the GeoJSON."""
        point = single_point(value)
        return f"{_degrees(point[0])}, {_degrees(point[1])}" if point else str(value or "")

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        if single_point(value):
            return self.input_text(value, zone)
        shape = _load(str(value))
        count = len(shape.get("features") or [1]) if isinstance(shape, dict) else 0
        return Text(f"{count} 个图形", f"{count} shape{'' if count == 1 else 's'}").to(language)


def _degrees(number: float) -> str:
    """Without an exponent, which nobody types."""
    return plain_number(Decimal(repr(number)))


def _refused(text: str) -> ValueRefused:
    return ValueRefused(
        Text(
            f"“{text[:40]}”不是位置，应为“纬度, 经度”（如 34.26, 108.94）或 GeoJSON",
            f'"{text[:40]}" is not a place; expected "latitude, longitude" (e.g. 34.26, 108.94) or GeoJSON',
        )
    )


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _collection(longitude: float, latitude: float) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": point}]}


def single_point(value: Any) -> tuple[float, float] | None:
    """Latitude and longitude, where the value is exactly one point."""
    shape = _load(str(value)) if value else None
    features = shape.get("features") if isinstance(shape, dict) else None
    if not isinstance(features, list) or len(features) != 1 or not isinstance(features[0], dict):
        return None
    geometry = features[0].get("geometry")
    place = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    if not isinstance(place, list) or len(place) < 2 or not all(isinstance(part, int | float) for part in place[:2]):
        return None
    return place[1], place[0]


GEOLOCATION_TYPES: tuple[FieldType, ...] = (GeolocationType("Geolocation", "geolocation"),)
