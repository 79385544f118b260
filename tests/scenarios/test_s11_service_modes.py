"""S11 Service modes: the service mode follows from the problem."""

from __future__ import annotations

import pytest
from scenario_company import Company, ticket

# S11-01: the service mode follows from the problem


@pytest.mark.parametrize(("kind", "mode"), [("Fault", "On Site"), ("Maintenance", "Visit"), ("Consultation", "Consultation")])
def test_the_service_mode_is_proposed_from_the_problem(works: Company, kind: str, mode: str) -> None:
    assert ticket(works, request_type=kind)["service_mode"] == mode
