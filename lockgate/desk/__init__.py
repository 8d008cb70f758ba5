"""The approval desk: an origin of its own where people read sealed bytes and sign with keys that only they hold."""
