"""The steps of a migration plan: immutable, each able to describe itself and to say how the recorded schema looks after it.

Which steps lead from one schema to another is `plan`; how they are carried out stands in `migrate` and `online`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.text import Text
from .schema import ArchivedColumn, Schema, TableSpec
from .tables import StoredColumn, StoredIndex

Lock = Literal["none", "brief", "writes wait", "all wait"]
Risk = Literal["none", "kept in the archive", "converted"]

KIND_TEXTS: Mapping[str, Text] = {
    "text": Text("文字", "text"),
    "integer": Text("整数", "integer"),
    "decimal": Text("小数", "decimal"),
    "date": Text("日期", "date"),
    "datetime": Text("日期时间", "date and time"),
    "time": Text("时间", "time"),
    "json": Text("签名", "signature"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One immutable step. `locks` is what others wait for meanwhile, `rows` how many are rewritten, `risk` what could be lost."""

    table: TableSpec
    rows: int = 0
    locks: ClassVar[Lock] = "brief"
    risk: ClassVar[Risk] = "none"

    def describe(self) -> Text:
        raise NotImplementedError

    def after(self, schema: Schema) -> Schema:
        """The recorded schema once this step is done."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        text = self.describe()
        return {
            "step": type(self).__name__,
            "table": self.table.name,
            "doctype": self.table.doctype,
            "rows": self.rows,
            "locks": self.locks,
            "risk": self.risk,
            "text": {"zh": text.zh, "en": text.en},
        }

    def _changed(self, schema: Schema) -> TableSpec:
        return schema.tables[self.table.name]


@dataclass(frozen=True, slots=True)
class CreateTable(Step):
    locks: ClassVar[Lock] = "none"

    def describe(self) -> Text:
        count = len(self.table.columns)
        return Text(
            f"新建“{self.table.doctype}”的表 {self.table.name}（{count} 列）。",
            f'Create the table {self.table.name} of "{self.table.doctype}" ({count} columns).',
        )

    def after(self, schema: Schema) -> Schema:
        return schema.with_table(self.table.with_indexes(()))


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTable(Step):
    """The DocType has another name; `table` is what its table will be called, with the columns that it has now. `indexes` are those that
    stay: as they are called, and as they will be."""

    before: TableSpec
    indexes: tuple[tuple[StoredIndex, StoredIndex], ...] = ()

    def describe(self) -> Text:
        old, new = self.before.doctype, self.table.doctype
        return Text(
            f"“{old}”改名为“{new}”：表 {self.before.name} 改名为 {self.table.name}，{self.rows} 条记录与其历史、附件、待办随之转移。",
            f'"{old}" becomes "{new}": the table {self.before.name} is renamed to {self.table.name}; its {self.rows} records keep their '
            "history, files and what is owed about them.",
        )

    def after(self, schema: Schema) -> Schema:
        return schema.with_renamed(self.before.name, self.table)


@dataclass(frozen=True, slots=True)
class RestoreTable(Step):
    locks: ClassVar[Lock] = "none"

    def describe(self) -> Text:
        return Text(
            f"恢复“{self.table.doctype}”归档的表 {self.table.name}，数据仍在。",
            f'Bring back the archived table {self.table.name} of "{self.table.doctype}" with its data.',
        )

    def after(self, schema: Schema) -> Schema:
        return schema.with_table(schema.archived_tables[self.table.name])


@dataclass(frozen=True, slots=True)
class ArchiveTable(Step):
    locks: ClassVar[Lock] = "none"
    risk: ClassVar[Risk] = "kept in the archive"

    def describe(self) -> Text:
        return Text(
            f"归档“{self.table.doctype}”的表 {self.table.name}：表与数据保留，不再使用。",
            f'Archive the table {self.table.name} of "{self.table.doctype}": it is kept with its data, but no longer used.',
        )

    def after(self, schema: Schema) -> Schema:
        return schema.without_table(self.table.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddColumn(Step):
    column: StoredColumn

    def describe(self) -> Text:
        kind = KIND_TEXTS[self.column.kind]
        return Text(
            f"“{self.table.doctype}”增加列 {self.column.column}({kind.zh})。",
            f'Add the column {self.column.column} ({kind.en}) to "{self.table.doctype}".',
        )

    def after(self, schema: Schema) -> Schema:
        spec = self._changed(schema)
        return schema.with_table(spec.with_columns((*spec.columns, self.column)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameColumn(Step):
    column: StoredColumn
    before: StoredColumn

    def describe(self) -> Text:
        return Text(
            f"“{self.table.doctype}”的列 {self.before.column} 改名为 {self.column.column}，数据不变。",
            f'Rename the column {self.before.column} of "{self.table.doctype}" to {self.column.column}; its data stays.',
        )

    def after(self, schema: Schema) -> Schema:
        spec = self._changed(schema)
        return schema.with_table(
            spec.with_columns(self.column if item.column == self.before.column else item for item in spec.columns)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveColumn(Step):
    column: StoredColumn
    archived: ArchivedColumn
    risk: ClassVar[Risk] = "kept in the archive"

    def describe(self) -> Text:
        return Text(
            f"“{self.table.doctype}”的列 {self.column.column} 不再使用：数据保留在 {self.archived.column}。",
            f'The column {self.column.column} of "{self.table.doctype}" is no longer used: its data is kept in {self.archived.column}.',
        )

    def after(self, schema: Schema) -> Schema:
        spec = self._changed(schema)
        kept = [item for item in spec.columns if item.column != self.column.column]
        return schema.with_table(spec.with_columns(kept)).with_archived(self.archived)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreColumn(Step):
    column: StoredColumn
    archived: ArchivedColumn

    def describe(self) -> Text:
        return Text(
            f"“{self.table.doctype}”恢复列 {self.column.column}，数据来自 {self.archived.column}。",
            f'Bring back the column {self.column.column} of "{self.table.doctype}" with the data kept in {self.archived.column}.',
        )

    def after(self, schema: Schema) -> Schema:
        spec = self._changed(schema)
        return schema.with_table(spec.with_columns((*spec.columns, self.column))).without_archived(self.archived)


@dataclass(frozen=True, slots=True, kw_only=True)
class WidenColumn(Step):
    """A change of kind that keeps every value (integer to decimal, anything to text)."""

    column: StoredColumn
    before: StoredColumn
    locks: ClassVar[Lock] = "all wait"

    def describe(self) -> Text:
        old, new = KIND_TEXTS[self.before.kind], KIND_TEXTS[self.column.kind]
        return Text(
            f"“{self.table.doctype}”的列 {self.column.column} 由{old.zh}改为{new.zh}，重写 {self.rows} 行。",
            f'Change the column {self.column.column} of "{self.table.doctype}" from {old.en} to {new.en}; {self.rows} rows are rewritten.',
        )

    def after(self, schema: Schema) -> Schema:
        spec = self._changed(schema)
        return schema.with_table(
            spec.with_columns(self.column if item.column == self.column.column else item for item in spec.columns)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertColumn(WidenColumn):
    """A change to a narrower kind, planned only when every value that is there fits."""

    risk: ClassVar[Risk] = "converted"

    def describe(self) -> Text:
        # slots make zero-argument super() unusable in a dataclass
        said = WidenColumn.describe(self)
        return Text(said.zh + "现有的值都能转换。", said.en + " Every value there is can be converted.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeColumn(WidenColumn):
    """Another length of a text on MariaDB, which bounds what stands in an index."""

    locks: ClassVar[Lock] = "writes wait"

    def describe(self) -> Text:
        zh, en = (
            (f"最多 {self.column.size} 个字符", f"{self.column.size} characters at most")
            if self.column.size
            else ("不限长度", "no bound")
        )
        return Text(
            f"“{self.table.doctype}”的列 {self.column.column} 的长度改为{zh}，重写 {self.rows} 行。",
            f'Change the length of the column {self.column.column} of "{self.table.doctype}" to {en}; {self.rows} rows are rewritten.',
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddIndex(Step):
    index: StoredIndex
    locks: ClassVar[Lock] = "writes wait"

    def describe(self) -> Text:
        columns = ", ".join(self.index.columns)
        unique_zh, unique_en = ("唯一", "a unique") if self.index.unique else ("", "an")
        return Text(
            f"“{self.table.doctype}”增加{unique_zh}索引（{columns}）。",
            f'Add {unique_en} index on "{self.table.doctype}" ({columns}).',
        )

    def after(self, schema: Schema) -> Schema:
        spec = self._changed(schema)
        return schema.with_table(spec.with_indexes((*spec.indexes, self.index)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIndex(Step):
    index: StoredIndex

    def describe(self) -> Text:
        columns = ", ".join(self.index.columns)
        return Text(f"“{self.table.doctype}”删除索引（{columns}）。", f'Drop the index on "{self.table.doctype}" ({columns}).')

    def after(self, schema: Schema) -> Schema:
        spec = self._changed(schema)
        return schema.with_table(spec.with_indexes(item for item in spec.indexes if item.name != self.index.name))
