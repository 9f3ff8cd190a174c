"""Chat models: what one is (`base`), the clients, and choosing among what a server has."""
