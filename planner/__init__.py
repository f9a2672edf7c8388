"""Thinking: words to intent, plan and proof. Pure functions of their arguments."""
