"""Alembic's folder: `env.py` and one file per version of the schema."""
