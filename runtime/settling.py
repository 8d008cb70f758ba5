"""The start of a data folder: its root is pinned once; from then on what was seen holds together, or nothing runs."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from flows.trust import Refusal, Root, read_trust, verify_root_chain
from runtime.admission import MOST_TRUST
from runtime.channel import Setup
from runtime.reading import read_plain
from runtime.sealed import sealing_key
from runtime.secrets import FileSecrets, SecretsUnusable
from runtime.state import Keeper, State, StateTrouble, check_files, is_new
from runtime.world import World


class StartTrouble(Exception):
    """The runtime cannot start with what it was given. The sentence names file and reason."""


class Trusted(NamedTuple):
    """A trust file that holds."""

    pin: str
    root: Root


def settle(setup: Setup, world: World) -> tuple[Keeper, Root]:
    """Pins the trust file in a new data folder; in any other one, what was seen decides. StartTrouble otherwise."""
    new = is_new(setup.data)
    now_ms = world.clock.now_ms()
    trusted = read_trusted(setup.root, now_ms) if new else None
    environment = chosen_environment(setup, trusted.root, None) if trusted else ""
    try:
        key = sealing_key(FileSecrets.prepare(setup.data, world.randomness).master_key)
        keeper = Keeper(setup.data, key)
        if trusted:
            keeper.begin(first_state(trusted, environment, now_ms))
        else:
            check_files(setup.data, key)
    except (SecretsUnusable, StateTrouble, OSError) as error:
        raise StartTrouble(str(error)) from None
    return keeper, follow_trust(setup, world, keeper)


def follow_trust(setup: Setup, world: World, keeper: Keeper) -> Root:
    """The newest root of the trust file, never one older than what was seen. StartTrouble with a sentence."""
    seen = keeper.state()
    trusted = read_trusted(setup.root, max(world.clock.now_ms(), seen.time_ms))
    pin, root = trusted
    if seen.pin != pin:
        raise StartTrouble(f"{setup.root}: it pins another first root than {setup.data} was started with.")
    if root.version < seen.root or root.epoch < seen.epoch:
        raise StartTrouble(f"{setup.root}: root {root.version} is older than one already seen here.")
    chosen_environment(setup, root, seen)
    try:
        keeper.change(lambda state: state.model_copy(update={"root": root.version, "epoch": root.epoch}))
    except OSError as error:
        raise StartTrouble(f"{setup.data}: what is trusted cannot be kept ({type(error).__name__}).") from None
    return root


def read_trusted(path: Path, at_ms: int) -> Trusted:
    """The trust file, verified from its own pin on."""
    try:
        data = read_plain(path, MOST_TRUST)
    except OSError:
        raise StartTrouble(f"{path}: there is no trust file here.") from None
    read = read_trust(data)
    if isinstance(read, Refusal):
        raise StartTrouble(f"{path}: {read.sentence}")
    root = verify_root_chain(read[1], read[0], at_ms, demo=True)
    if isinstance(root, Refusal):
        raise StartTrouble(f"{path}: {root.sentence}")
    return Trusted(read[0], root)


def first_state(trusted: Trusted, environment: str, now_ms: int) -> State:
    root = trusted.root
    return State(count=1, pin=trusted.pin, root=root.version, epoch=root.epoch, environment=environment, time_ms=now_ms)


def chosen_environment(setup: Setup, root: Root, seen: State | None) -> str:
    """Which environment a data folder is of; StartTrouble where that is open, or another one."""
    known = ", ".join(sorted(root.environments))
    wanted = setup.environment or (seen.environment if seen else None)
    if wanted is None and len(root.environments) == 1:
        wanted = next(iter(root.environments))
    if wanted is None:
        raise StartTrouble(f"Name the environment to run: the trust root knows {known or 'none'}.")
    if wanted not in root.environments:
        raise StartTrouble(f"The trust root knows no environment {wanted}; it knows {known or 'none'}.")
    if seen is not None and seen.environment != wanted:
        raise StartTrouble(f"{setup.data} belongs to environment {seen.environment}, not to {wanted}.")
    return wanted
