"""What is backed up: files, SQLite and PostgreSQL databases."""
