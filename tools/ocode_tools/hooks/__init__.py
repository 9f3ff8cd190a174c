"""Git hooks: where they are, the scripts that start ours, other tools that manage hooks, installing and removing."""
