"""A mutant of the runtime for the kill loops: it sends without noting first that it is about to.

Run in place of the `lockgate` command. The product has no such option: the mutation is made here, in memory.
"""

from __future__ import annotations

import sys

from lockgate import cli
from runtime.delivery import outcomes

if __name__ == "__main__":
    outcomes.begin = lambda transaction, load: None
    sys.exit(cli.run(sys.argv[1:]))
