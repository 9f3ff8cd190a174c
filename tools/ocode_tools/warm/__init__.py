"""Judging candidates in forked children of a process that has imported the project once."""
