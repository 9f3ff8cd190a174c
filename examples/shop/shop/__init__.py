"""A very small shop, with three bugs in it."""
