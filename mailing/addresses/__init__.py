"""Addresses for the post: its directory, the customer barcode, what looks odd."""
