"""Looking at what tasks left, and taking it, refusing it or sending it on."""
