"""Docstrings: which units lack one, what is true of them, and putting text in without changing anything else."""
