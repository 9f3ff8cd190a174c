"""The task `todo`: TODOs resolved one by one, each a commit of its own."""
