"""The state store: tables, queries and migrations.

Import `store` only where it is needed: it brings SQLModel along. `quick` reads the board with the standard
library alone."""
