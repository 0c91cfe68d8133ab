"""Decisions as records: facts read, the month decided, single covers ruled on, gaps, forecast, replay."""
