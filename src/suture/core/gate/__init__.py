"""The decision: promote, reject or hold, and what it proves."""
