"""The task `docstrings`: facts by analysis, words by a model, set and put in by code."""
