"""The grammar of consequences, one small reader per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..calendars.deadline import Escalation
from ..calendars.term import Term
from ..core.text import EMPTY, nearest
from .assigning import LONGEST_TAG
from .faults import Faults
from .model import (
    CONSEQUENCES,
    Assign,
    Block,
    Change,
    Conclude,
    Consequence,
    Create,
    EachRow,
    Fulfil,
    Hide,
    Lock,
    NotifyPeople,
    Oblige,
    Operand,
    Require,
    RequireApproval,
    RequireSignature,
    RowsMade,
    SetFields,
    SetTags,
    Warn,
    Withdraw,
)
from .plans import EXPECTED_PERIOD, Every, parse_every
from .read_conditions import ConditionReader
from .tables.model import Table
from .tables.read import read_table

Body = Mapping[str, Any]
_TOLD = ("role", "user_field", "users", "department_head", "group")
_EACH = ("each_row", "where")
ON_CANCEL = ("keep", "cancel", "delete")


class ConsequenceReader:
    def __init__(self, faults: Faults, conditions: ConditionReader) -> None:
        self.faults = faults
        self.conditions = conditions
        self._readers: dict[str, Callable[[Any, str], Consequence | None]] = {
            "block": self._block, "warn": self._warn, "require": self._require,
            "require_approval": self._approval, "oblige": self._oblige, "fulfil": self._fulfil, "withdraw": self._withdraw,
            "create": self._create, "change": self._change, "notify": self._notify, "conclude": self._conclude, "hide": self._hide, "lock": self._lock,
            "assign": self._assign, "tag": self._tags, "table": self._table, "require_signature": self._signature,
        }  # fmt: skip

    def many(self, raw: Any, at: str) -> tuple[Consequence, ...]:
        if raw is None or raw == []:
            self.faults.add(at, "规则没有任何后果", "the rule has no consequence")
            return ()
        found = []
        for place, item in self.faults.items(raw, at):
            one = self._one(item, place)
            found += [one] if one is not None else []
        return tuple(found)

    def _one(self, raw: Any, at: str) -> Consequence | None:
        kinds = [key for key in raw if key in CONSEQUENCES] if isinstance(raw, Mapping) else []
        if len(kinds) != 1:
            words = ", ".join(CONSEQUENCES)
            near = nearest(next(iter(raw), ""), CONSEQUENCES) if isinstance(raw, Mapping) else None
            self.faults.add(at, f"后果须恰有一个：{words}。", f"a consequence has exactly one of: {words}.", near)
            return None
        kind = kinds[0]
        # `each_row` and `where` may stand beside the consequence or inside it.
        beside = {key: raw[key] for key in _EACH if key in raw}
        self.faults.keys(raw, (kind, *_EACH), at)
        body = raw[kind]
        if kind == "set":  # whose object holds fields, which may bear any name
            return self._set(body, f"{at}.{kind}", self._each(beside, at))
        if isinstance(body, Mapping) and beside:
            body = {**beside, **body}
        return self._readers[kind](body, f"{at}.{kind}")

    def _body(self, raw: Any, at: str, allowed: tuple[str, ...]) -> Body | None:
        if not isinstance(raw, Mapping):
            self.faults.add(at, f"{raw!r} 应为对象", f"{raw!r} should be an object")
            return None
        self.faults.keys(raw, allowed, at)
        return raw

    def _each(self, body: Body, at: str) -> EachRow | None:
        table = body.get("each_row")
        if table is None:
            if "where" in body:
                self.faults.add(f"{at}.where", "where 只与 each_row 同用", "where is used with each_row only")
            return None
        if not isinstance(table, str):
            self.faults.add(
                f"{at}.each_row", f"{table!r} 应为子表字段名", f"{table!r} should be the name of a child table field"
            )
            return None
        return EachRow(table, self.conditions.many(body.get("where") or [], f"{at}.where"))

    def _message(self, raw: Any, at: str) -> Body | None:
        body = self._body({"message": raw} if isinstance(raw, str) else raw, at, ("message", "field", *_EACH))
        if body is not None and not body.get("message"):
            self.faults.add(f"{at}.message", "缺少提示文字", "the message is missing")
            return None
        return body

    def _block(self, raw: Any, at: str) -> Block | None:
        body = self._message(raw, at)
        if body is None:
            return None
        return Block(
            self.faults.text(body, "message", at), self.faults.word(body, "field", at, needed=False), self._each(body, at), at
        )

    def _warn(self, raw: Any, at: str) -> Warn | None:
        body = self._message(raw, at)
        if body is None:
            return None
        return Warn(
            self.faults.text(body, "message", at), self.faults.word(body, "field", at, needed=False), self._each(body, at), at
        )

    def _operands(self, raw: Any, at: str) -> tuple[tuple[str, Operand], ...]:
        if not isinstance(raw, Mapping) or not raw:
            self.faults.add(at, f"{raw!r} 应为对象：字段 → 值", f"{raw!r} should be an object: field to value")
            return ()
        return tuple((str(name), self.conditions.operand(value, f"{at}.{name}")) for name, value in raw.items())

    def _set(self, raw: Any, at: str, each: EachRow | None) -> SetFields | None:
        values = self._operands(raw, at)
        return SetFields(values, each, at) if values else None

    def _require(self, raw: Any, at: str) -> Require | None:
        body = self._body({"fields": raw} if isinstance(raw, list) else raw, at, ("fields", "message", *_EACH))
        if body is None:
            return None
        message = self.faults.text(body, "message", at) if "message" in body else EMPTY
        return Require(self.faults.words(body.get("fields"), f"{at}.fields"), message, self._each(body, at), at)

    def _approval(self, raw: Any, at: str) -> RequireApproval | None:
        allowed = ("role", "title", "again_when", "allow_self", "show", *_EACH)
        body = self._body(raw, at, allowed)
        if body is None:
            return None
        again = self.faults.words(body["again_when"], f"{at}.again_when") if body.get("again_when") else ()
        shown = self.faults.words(body["show"], f"{at}.show") if body.get("show") else ()
        role = self.faults.word(body, "role", at) or ""
        title = self.faults.text(body, "title", at) if "title" in body else EMPTY
        return RequireApproval(role, title, again, bool(body.get("allow_self")), shown, self._each(body, at), at)

    def _signature(self, raw: Any, at: str) -> RequireSignature | None:
        allowed = ("meaning", "role", "user_field", "title", "covers", "allow_self", "distinct", "before")
        body = self._body(raw, at, allowed)
        if body is None:
            return None
        self._whom(body, at)
        for name in ("allow_self", "distinct"):
            if not isinstance(body.get(name, False), bool | int):
                self.faults.add(f"{at}.{name}", f"{body[name]!r} 应为 true 或 false", f"{body[name]!r} should be true or false")
        return RequireSignature(
            meaning=self.faults.word(body, "meaning", at) or "",
            role=self.faults.word(body, "role", at, needed=False),
            user_field=self.faults.word(body, "user_field", at, needed=False),
            title=self.faults.text(body, "title", at) if "title" in body else EMPTY,
            covers=self.faults.words(body["covers"], f"{at}.covers") if body.get("covers") else (),
            allow_self=bool(body.get("allow_self", True)),
            distinct=bool(body.get("distinct")),
            before=self.faults.word(body, "before", at, needed=False) or "submit",
            at=at,
        )

    def _oblige(self, raw: Any, at: str) -> Oblige | None:
        allowed = (
            "role", "user_field", "title", "due", "from", "warn_before", "escalate_to", "escalate", "calendar", "pause_when", "every",
            "until", "ahead", *_EACH,
        )  # fmt: skip
        body = self._body(raw, at, allowed)
        if body is None:
            return None
        self._whom(body, at)
        if not body.get("title"):
            self.faults.add(f"{at}.title", "缺少事项名称", "the title is missing")
        due, warn = (
            self.faults.term(body[name], f"{at}.{name}") if body.get(name) is not None else None
            for name in ("due", "warn_before")
        )
        item = Oblige(
            title=self.faults.text(body, "title", at),
            role=self.faults.word(body, "role", at, needed=False),
            user_field=self.faults.word(body, "user_field", at, needed=False),
            due=due,
            from_=self.faults.word(body, "from", at, needed=False),
            warn_before=warn,
            escalate_to=self.faults.word(body, "escalate_to", at, needed=False),
            escalate=self._escalations(body, at) if body.get("escalate") is not None else (),
            calendar=self.faults.word(body, "calendar", at, needed=False),
            pause_when=self.conditions.many(body["pause_when"], f"{at}.pause_when") if body.get("pause_when") else (),
            every=self._every(body, at),
            until=self.faults.word(body, "until", at, needed=False),
            ahead=self._ahead(body, at),
            each=self._each(body, at),
            at=at,
        )
        if body.get("due") is None and item.every is None and (warn is not None or item.deadline.escalations):
            self.faults.add(f"{at}.due", "没有 due 就没有提醒和升级", "without due there is nothing to warn of or to escalate")
        return item

    def _escalations(self, body: Body, at: str) -> tuple[Escalation, ...]:
        """A chain: each step later than the one before."""
        if body.get("escalate_to") is not None:
            self.faults.add(f"{at}.escalate", "escalate 与 escalate_to 只用其一", "use either escalate or escalate_to")
        found: list[Escalation] = []
        for place, raw in self.faults.items(body["escalate"], f"{at}.escalate"):
            step = self._body(raw, place, ("after", "to"))
            if step is None:
                continue
            after = self.faults.term(step["after"], f"{place}.after") if step.get("after") is not None else Term()
            to = self.faults.word(step, "to", place)
            if after is not None and to:
                if found and (after.days, after.length) <= (found[-1].after.days, found[-1].after.length):
                    self.faults.add(f"{place}.after", "须比上一级更晚", "should be later than the step before")
                found.append(Escalation(after, to))
        return tuple(found)

    def _every(self, body: Body, at: str) -> Every | None:
        if body.get("every") is None:
            for name in ("until", "ahead"):
                if name in body:
                    self.faults.add(f"{at}.{name}", f"{name} 只与 every 同用", f"{name} is used with every only")
            return None
        if not body.get("from"):
            text = "周期事项须有 from：从哪个日期起算", "a recurring obligation needs from: the date it counts from"
            self.faults.add(f"{at}.from", *text)
        for name in ("pause_when", "each_row"):
            if body.get(name):
                self.faults.add(f"{at}.{name}", f"周期事项不能有 {name}", f"a recurring obligation has no {name}")
        try:
            return parse_every(body["every"])
        except ValueError:
            self.faults.add(
                f"{at}.every", f"{body['every']!r}：{EXPECTED_PERIOD.zh}", f"{body['every']!r}: {EXPECTED_PERIOD.en}"
            )
            return None

    def _ahead(self, body: Body, at: str) -> int:
        ahead = body.get("ahead", 2)
        if isinstance(ahead, int) and not isinstance(ahead, bool) and 1 <= ahead <= 24:
            return ahead
        self.faults.add(f"{at}.ahead", f"{ahead!r} 应为 1 至 24 的整数", f"{ahead!r} should be a whole number from 1 to 24")
        return 2

    def _whom(self, body: Body, at: str) -> None:
        if bool(body.get("role")) == bool(body.get("user_field")):
            self.faults.add(at, "须有 role 或 user_field 其中之一", "exactly one of role and user_field is needed")

    def _fulfil(self, raw: Any, at: str) -> Fulfil | None:
        body = self._body({"rule": raw} if isinstance(raw, str) else raw, at, ("rule", "record"))
        rule = self.faults.word(body, "rule", at) if body is not None else None
        return Fulfil(rule, self.faults.word(body or {}, "record", at, needed=False), at) if rule else None

    def _withdraw(self, raw: Any, at: str) -> Withdraw | None:
        body = self._body({"rule": raw} if isinstance(raw, str) else raw, at, ("rule", "record"))
        rule = self.faults.word(body, "rule", at) if body is not None else None
        return Withdraw(rule, self.faults.word(body or {}, "record", at, needed=False), at) if rule else None

    def _create(self, raw: Any, at: str) -> Create | None:
        body = self._body(raw, at, ("doctype", "values", "rows", "per", "submit", "on_cancel", *_EACH))
        doctype = self.faults.word(body, "doctype", at) if body is not None else None
        if body is None or not doctype:
            return None
        on_cancel = body.get("on_cancel", "keep")
        if on_cancel not in ON_CANCEL:
            words = ", ".join(ON_CANCEL)
            near = nearest(str(on_cancel), ON_CANCEL)
            self.faults.add(
                f"{at}.on_cancel", f"没有 {on_cancel!r}，可用：{words}。", f"{on_cancel!r} is not known; use {words}.", near
            )
        if body.get("submit", False) not in (True, False):
            self.faults.add(
                f"{at}.submit", f"{body['submit']!r} 应为 true 或 false", f"{body['submit']!r} should be true or false"
            )
        return Create(
            doctype=doctype,
            values=self._operands(body.get("values"), f"{at}.values") if "values" in body or not body.get("rows") else (),
            rows=self._rows_made(body.get("rows"), f"{at}.rows"),
            per=self.faults.word(body, "per", at, needed=False),
            submit=body.get("submit") in (True, 1),
            on_cancel=on_cancel if on_cancel in ON_CANCEL else "keep",
            each=self._each(body, at),
            at=at,
        )

    def _change(self, raw: Any, at: str) -> Change | None:
        body = self._body(raw, at, ("record", "values", "take_back", *_EACH))
        record = self.faults.word(body, "record", at) if body is not None else None
        if body is None or not record:
            return None
        values = self._operands(body.get("values"), f"{at}.values")
        if not isinstance(body.get("take_back", False), bool | int):
            self.faults.add(
                f"{at}.take_back", f"{body['take_back']!r} 应为 true 或 false", f"{body['take_back']!r} should be true or false"
            )
        return Change(record, values, bool(body.get("take_back")), self._each(body, at), at)

    def _rows_made(self, raw: Any, at: str) -> tuple[RowsMade, ...]:
        """`{"items": {"each_row": "parts", "values": {...}}}`; a list where one table is filled from several places."""
        if raw is None:
            return ()
        if not isinstance(raw, Mapping) or not raw:
            self.faults.add(
                at, f"{raw!r} 应为对象：子表 → 各行的值", f"{raw!r} should be an object: child table to the values of its rows"
            )
            return ()
        found: list[RowsMade] = []
        for table, given in raw.items():
            several = self.faults.items(given, f"{at}.{table}") if isinstance(given, list) else [(f"{at}.{table}", given)]
            for place, one in several:
                body = self._body(one, place, ("values", *_EACH))
                if body is not None:
                    values = self._operands(body.get("values"), f"{place}.values")
                    found.append(RowsMade(str(table), values, self._each(body, place), place))
        return tuple(found)

    def _notify(self, raw: Any, at: str) -> NotifyPeople | None:
        body = self._body(raw, at, (*_TOLD, "via", "urgent", "attach", "message"))
        if body is None:
            return None
        if not any(body.get(name) for name in (*_TOLD, "via")):
            self.faults.add(
                at,
                "请指明告诉谁：角色（role）、人员字段（user_field）、人员（users）、部门负责人（department_head）、人员组（group）或通道（via）",
                "say who is told: a role, a person's field (user_field), people (users), department_head, group or via",
            )
        if not body.get("message"):
            self.faults.add(f"{at}.message", "缺少通知文字", "the message is missing")
        urgent = body.get("urgent", False)
        if not isinstance(urgent, bool):
            self.faults.add(f"{at}.urgent", f"{urgent!r} 应为 true 或 false", f"{urgent!r} should be true or false")
        return NotifyPeople(
            message=self.faults.text(body, "message", at),
            role=self.faults.word(body, "role", at, needed=False),
            user_field=self.faults.word(body, "user_field", at, needed=False),
            users=self.faults.words(body["users"], f"{at}.users") if body.get("users") else (),
            department_head=self.faults.word(body, "department_head", at, needed=False),
            group=self.faults.word(body, "group", at, needed=False),
            via=self.faults.words(body["via"], f"{at}.via") if body.get("via") else (),
            urgent=urgent is True,
            attach=self.faults.word(body, "attach", at, needed=False),
            at=at,
        )

    def _assign(self, raw: Any, at: str) -> Assign | None:
        whom = ("role", "user_field", "users")
        body = self._body(raw, at, (*whom, "due", "from", "note", *_EACH))
        if body is None:
            return None
        if not any(body.get(name) for name in whom):
            self.faults.add(
                at,
                "请指明由谁处理：角色（role）、人员字段（user_field）或人员（users）",
                "say who sees to it: a role, a person's field (user_field) or people (users)",
            )
        if body.get("from") is not None and body.get("due") is None:
            self.faults.add(f"{at}.from", "from 只与 due 同用", "from is used with due only")
        return Assign(
            role=self.faults.word(body, "role", at, needed=False),
            user_field=self.faults.word(body, "user_field", at, needed=False),
            users=self.faults.words(body["users"], f"{at}.users") if body.get("users") else (),
            due=self.faults.term(body["due"], f"{at}.due") if body.get("due") is not None else None,
            from_=self.faults.word(body, "from", at, needed=False),
            note=self.faults.text(body, "note", at) if body.get("note") else EMPTY,
            each=self._each(body, at),
            at=at,
        )

    def _tags(self, raw: Any, at: str) -> SetTags | None:
        body = self._body(raw, at, ("add", "remove"))
        if body is None:
            return None
        add, remove = (self._words_of(body, name, at) for name in ("add", "remove"))
        if not add and not remove:
            self.faults.add(
                at, "须有 add 或 remove：要加上或去掉的标签", "add or remove is needed: the tags to put on or take off"
            )
        for word in sorted(set(add) & set(remove)):
            self.faults.add(at, f"{word!r} 既加上又去掉", f"{word!r} is both put on and taken off")
        return SetTags(add, remove, at)

    def _words_of(self, body: Body, name: str, at: str) -> tuple[str, ...]:
        found = self.faults.words(body[name], f"{at}.{name}") if body.get(name) else ()
        for index, word in enumerate(found):
            if len(word) > LONGEST_TAG or word != " ".join(word.split()) or "," in word or "，" in word:
                self.faults.add(
                    f"{at}.{name}[{index}]",
                    f"{word!r} 不是标签：最多 {LONGEST_TAG} 个字符，不含逗号和多余空格",
                    f"{word!r} is not a tag: at most {LONGEST_TAG} characters, no comma, no further spaces",
                )
        return found

    def _conclude(self, raw: Any, at: str) -> Conclude | None:
        if isinstance(raw, str) and raw:
            return Conclude(raw, at)
        self.faults.add(at, f"{raw!r} 应为结论名称", f"{raw!r} should be the name of a conclusion")
        return None

    def _hide(self, raw: Any, at: str) -> Hide:
        return Hide(self.faults.words(raw, at), at)

    def _lock(self, raw: Any, at: str) -> Lock:
        return Lock(self.faults.words(raw, at), at)

    def _table(self, raw: Any, at: str) -> Table | None:
        def terms(kind: str, body: Body, place: str) -> Consequence | None:
            return self._readers[kind](body, place)

        each = None
        if isinstance(raw, Mapping) and any(key in raw for key in _EACH):
            each, raw = self._each(raw, at), {key: value for key, value in raw.items() if key not in _EACH}
        return read_table(raw, at, self.faults, terms, each)
