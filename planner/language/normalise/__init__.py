"""Words to values: each function reads the words of one span, and returns None where they can't be read (never raises)."""
