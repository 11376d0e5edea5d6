"""Copies of what a run did, for the trackers that teams look at. Each tracker works in a process of its own."""
