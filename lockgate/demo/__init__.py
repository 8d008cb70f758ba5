"""The demo: a hospital's theatre system and its ERP as stand-ins on loopback, and the story that they play."""
