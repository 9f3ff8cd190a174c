"""The agent: command line, configuration, tasks, landing."""
