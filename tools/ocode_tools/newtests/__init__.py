"""Tests that would catch something: what needs them, where they go, and what tells good ones from bad ones."""
