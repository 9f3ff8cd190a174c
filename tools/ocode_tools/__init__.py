"""What can be done to a repository without a model."""
