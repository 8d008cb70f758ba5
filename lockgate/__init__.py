"""The top layer: command line, demo and key tooling. It may import everything; nothing imports it."""
