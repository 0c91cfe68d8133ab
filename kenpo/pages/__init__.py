"""The desk of the clerk at the telephone: find somebody, see the household, read out why, record the call."""
