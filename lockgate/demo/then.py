"""The runtime of yesterday: the very one of ``lockgate run``, under the demo's clock instead of the machine's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from lockgate.demo.clock import Played
from runtime import supervisor, world


def main(arguments: Sequence[str]) -> int:
    """``python -m lockgate.demo.then STORE ROOT DATA CLOCK_FOLDER``"""
    store, root, data, folder = (Path(each) for each in arguments)
    outside = world.system()._replace(clock=Played(folder))
    try:
        return supervisor.run(store, root, data, world=outside)
    except supervisor.StartTrouble as trouble:
        print(trouble, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
