"""Doors for git: one file a hook."""
