"""Wang Fang (王芳) takes a call down, and what of it the store holds."""

from __future__ import annotations

from desk_people import Desk

from server.site import Site

CUSTOMER = "东岭汽车零部件股份有限公司"
CALL = {"故障简述": "主轴异响", "报修人": "谢军", "故障现象": "高速时有周期性异响。"}


def takes_the_call(wangfang: Desk, **differently: str) -> Desk:
    """Everything of the call is typed, nothing is saved."""
    wangfang.opens("Service Ticket")
    wangfang.types(**CALL | differently)
    wangfang.links("客户", "东岭", CUSTOMER)
    return wangfang


def typed(wangfang: Desk) -> dict[str, str]:
    return {label: wangfang.reads(label) for label in (*CALL, "客户")}


def tickets(site: Site, subject: str) -> list[str]:
    """What the store holds."""
    found = site.queries.list(site.user("wangfang"), "Service Ticket", fields=["name"], filters=[("subject", "=", subject)])
    return [row["name"] for row in found.rows]
