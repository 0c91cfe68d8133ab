"""Who may do what: each role's capabilities. A transition names the capability it needs."""

from __future__ import annotations

RUN, APPROVE, DISPATCH, FORCE, EDIT = "run", "approve", "dispatch", "force", "edit"
SYSTEM = "system"

ROLES: dict[str, str] = {
    "clerk": "担当者",
    "approver": "承認者",
    "dispatcher": "発送担当",
    "auditor": "監査",
    "administrator": "管理者",
}

CAPABILITIES: dict[str, frozenset[str]] = {
    "clerk": frozenset({RUN, APPROVE, DISPATCH, FORCE, EDIT}),
    "approver": frozenset({RUN, APPROVE, DISPATCH, FORCE, EDIT}),
    "dispatcher": frozenset({DISPATCH}),
    "auditor": frozenset(),
    "administrator": frozenset({RUN, APPROVE, DISPATCH, FORCE, EDIT}),
}
