"""One plain function a command; the command line only parses and calls."""
