"""The state store: tables, queries and migrations."""
