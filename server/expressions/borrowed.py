"""What real `eval:` conditions call of Frappe's page and of JavaScript, and what answers it here."""

from __future__ import annotations

ALIASES = {
    ("cur_frm", "doc"): ("doc",),
    ("frm", "doc"): ("doc",),
    ("me", "frm", "doc"): ("doc",),
    ("frappe", "session", "user"): ("user", "name"),
    ("frappe", "session", "user_fullname"): ("user", "full_name"),
    ("frappe", "user_roles"): ("user", "roles"),
    ("frappe", "boot", "user", "roles"): ("user", "roles"),
}
# Functions of Frappe's page and of JavaScript that are ones of ours by another name; a number says which argument comes first.
BORROWED: dict[str, tuple[str, tuple[int, ...]]] = {
    "frappe.datetime.get_today": ("today", ()),
    "frappe.datetime.nowdate": ("today", ()),
    "frappe.datetime.now_date": ("today", ()),
    "frappe.datetime.now_datetime": ("now", ()),
    "frappe.datetime.add_days": ("add_days", (0, 1)),
    "frappe.datetime.add_months": ("add_months", (0, 1)),
    "frappe.datetime.get_diff": ("days_between", (1, 0)),
    "frappe.datetime.get_day_diff": ("days_between", (1, 0)),
    "frappe.user.has_role": ("has_role", (0,)),
    "Math.abs": ("abs", (0,)),
    "Math.round": ("round", (0,)),
    "Math.floor": ("floor", (0,)),
    "Math.ceil": ("ceil", (0,)),
    "cstr": ("concat", (0,)),
    "String": ("concat", (0,)),
    "Number": ("flt", (0,)),
    "parseFloat": ("flt", (0,)),
    "parseInt": ("cint", (0,)),
    "__": ("concat", (0,)),
}
# Over child rows, `row => condition` given: the aggregate that answers it.
ARROWS = {"some": "any", "find": "any", "every": "all", "filter": "count"}
