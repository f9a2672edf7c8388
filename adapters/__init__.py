"""Everything outside: one file or folder per outside thing. No decisions."""
