"""Tasks from a code base: functions with doctests. Source is parsed, never imported; only the sandbox runs it."""
