"""The month in figures (月報), the sheet for its approval (交付決裁書), and the register (資格確認書交付簿)."""

from kenpo.reports.monthly import report
from kenpo.reports.records import decision_sheet, register, register_size
from kenpo.reports.table import Report, Table

__all__ = ["Report", "Table", "decision_sheet", "register", "register_size", "report"]
