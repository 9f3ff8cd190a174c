"""Watching a work tree: events are hints, git is the truth."""
