"""Commit messages: reading them, what they must be, and putting them together. Standard library only."""
