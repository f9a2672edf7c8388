"""Versions of the schema, oldest first. A test compares them with the migrations."""

KNOWN = ("0001",)
NEWEST = KNOWN[-1]
