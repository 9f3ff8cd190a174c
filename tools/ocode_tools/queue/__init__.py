"""Work that waits for its turn: a queue that outlives every crash, shared by all repositories of a user."""
