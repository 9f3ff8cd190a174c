"""The task `message`: a diff in, a draft of its commit message out."""
