"""The kernel: what a flow is and what can be proved of it. Pure: no I/O, no clock, no randomness, no framework."""
