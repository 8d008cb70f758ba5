"""Making trust roots: the first one, and each next one with its change. Signed with root key holders' own keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flows.canonical import b64decode, sha256_hex
from flows.enrolment import Enrolment, check_enrolment
from flows.instants import from_ms, to_ms
from flows.trust import (
    Key,
    Person,
    Reason,
    Role,
    Root,
    answering,
    check_root_chain,
    key_id,
    read_trust,
    refuse,
    write_trust,
)
from flows.trust.refusal import Refusal, Refused
from flows.vocabulary import DataLabel
from lockgate.keys import PrivateKey, sign_statement

DAY_MS = 86_400_000
ROOT_DAYS = 365


class Trust(NamedTuple):
    """A trust file, read and checked: the pin, the chain and the newest root."""

    pin: str
    chain: tuple[bytes, ...]
    root: Root

    def data(self) -> bytes:
        return write_trust(self.pin, self.chain)


class First(NamedTuple):
    """What the first root is made from."""

    person: str
    name: str
    environments: Mapping[str, DataLabel]
    policy_sets: tuple[str, ...]
    builds: tuple[str, ...]
    demo: bool = False
    days: int = ROOT_DAYS
    desk_origins: tuple[str, ...] = ()


def first_root(first: First, key: PrivateKey, at_ms: int) -> Trust:
    """Version 1, with one administrator who holds the root key. Its digest is what every runtime pins."""
    root = Root(
        version=1,
        expires=from_ms(at_ms + first.days * DAY_MS),
        demo=first.demo,
        epoch=0,
        persons={first.person: Person(name=first.name, roles=(Role.ADMINISTRATOR,))},
        keys={key.keyid: key.public(first.person)},
        root_keys=(key.keyid,),
        root_threshold=1,
        policy_sets=first.policy_sets,
        builds=first.builds,
        environments=first.environments,
        desk_origins=first.desk_origins,
    )
    return Trust(root.digest, (sign_statement(root.digest, root, key),), root)


def check_trust(data: bytes, at_ms: int) -> Trust:
    """The trust in a file, its chain checked up to the newest root. Whether a demo's may count is asked elsewhere."""
    read = read_trust(data)
    if isinstance(read, Refusal):
        raise Refused(read)
    pin, chain = read
    return Trust(pin, tuple(chain), check_root_chain(chain, pin, at_ms, demo=True))


def check_enrolled(trust: Trust, request: bytes, who: Person, key: PrivateKey, at_ms: int) -> Trust:
    """The trust with the key of a request put into the next root, under the roles that the administrator gives."""
    asked: Enrolment = check_enrolment(request)
    keyid = key_id(b64decode(asked.key.spki))
    if keyid in trust.root.keys:
        refuse(Reason.KEY_UNDER_TWO_IDS, f"This key is in the trust root already, as '{asked.key.person}'.")
    if asked.key.origin is not None and asked.key.origin not in trust.root.desk_origins:
        refuse(Reason.ORIGIN_WRONG, f"This key was made on {asked.key.origin}, which is no approval desk of the root.")
    known = trust.root.persons.get(asked.key.person)
    if known is not None and (known.name != who.name or set(known.roles) != set(who.roles)):
        refuse(
            Reason.ROOT_UNSOUND,
            f"'{asked.key.person}' is in the trust root as {known.name} ({', '.join(known.roles)}): say the same.",
        )
    return _next(
        trust,
        {
            "persons": {**trust.root.persons, asked.key.person: who},
            "keys": {**trust.root.keys, keyid: asked.key},
        },
        (key,),
        at_ms,
    )


def check_removed(trust: Trust, keyid: str, key: PrivateKey, at_ms: int) -> Trust:
    """The trust without a key: what it signed no longer counts."""
    if keyid not in trust.root.keys:
        refuse(Reason.KEY_UNKNOWN, f"The key {keyid[:12]} is not in trust root {trust.root.version}.")
    rest = {each: held for each, held in trust.root.keys.items() if each != keyid}
    return _next(trust, {"keys": rest}, (key,), at_ms)


def check_accepted(
    trust: Trust, policy_sets: Iterable[str], builds: Iterable[str], key: PrivateKey, at_ms: int
) -> Trust:
    """The trust with further policy sets and builds accepted, after an upgrade."""
    change = {
        "policy_sets": tuple(sorted({*trust.root.policy_sets, *policy_sets})),
        "builds": tuple(sorted({*trust.root.builds, *builds})),
    }
    return _next(trust, change, (key,), at_ms)


def check_desks(trust: Trust, origins: Iterable[str], key: PrivateKey, at_ms: int) -> Trust:
    """The trust with further pages on which people may sign with keys that their browsers hold."""
    desks = tuple(sorted({*trust.root.desk_origins, *origins}))
    return _next(trust, {"desk_origins": desks}, (key,), at_ms)


def _next(trust: Trust, change: Mapping[str, object], keys: tuple[PrivateKey, ...], at_ms: int) -> Trust:
    """Signs the next version and checks the whole chain again, so that nothing unusable is ever written."""
    held: dict[str, Key] = dict(trust.root.keys)
    if not any(key.keyid in trust.root.root_keys for key in keys):
        holder = held[keys[0].keyid].person if keys[0].keyid in held else keys[0].keyid[:12]
        refuse(Reason.ROOT_UNDERSIGNED, f"'{holder}' holds no root key: only root key holders change the trust root.")
    longer = max(to_ms(trust.root.expires), at_ms + ROOT_DAYS * DAY_MS)
    root = Root.model_validate(
        {
            **{name: getattr(trust.root, name) for name in Root.model_fields},  # dict() would ask the member `keys`
            **change,
            "version": trust.root.version + 1,
            "expires": from_ms(longer),
        }
    )
    chain = (*trust.chain, sign_statement(root.digest, root, *keys))
    return Trust(trust.pin, chain, check_root_chain(chain, trust.pin, at_ms, demo=True))


def digest_phrase(data: bytes) -> str:
    """The first twelve digits, for people to compare."""
    return sha256_hex(data)[:12]


read = answering(check_trust)
enrol = answering(check_enrolled)
remove = answering(check_removed)
accept = answering(check_accepted)
desks = answering(check_desks)
