"""The command line. Exit status: 0 well, 1 findings or refusals, 2 unusable input (one line, never a traceback)."""

from lockgate.cli.main import app, main, run

__all__ = ["app", "main", "run"]
