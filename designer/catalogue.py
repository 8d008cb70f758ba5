"""The catalogue as people see it: node kinds with forms and examples, connections, masters, records, and fields."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from designer import library as shipped
from designer.effecting import sentence
from designer.errors import Unfit
from designer.http.models import catalogue as shapes
from designer.purposes import purposes
from designer.words import listed
from flows import fhir, hl7
from flows.declaration import Declaration
from flows.effects import Nature
from flows.environment import Connection, OperationContract, Surroundings
from flows.graph import Step
from flows.hl7.tables import field_name, ground
from flows.paths import PathError
from flows.vocabulary import Concept, DataClass, Protection
from nodes import catalogue as nodes

NodeKind = nodes.Kind


def catalogue(around: Surroundings, used: Mapping[str, tuple[str, ...]]) -> shapes.Catalogue:
    """Everything that there is to build with in an environment; ``used`` says which live flows listen where."""
    environment = around.environment
    return shapes.Catalogue(
        kinds=tuple(_kind(node, around) for node in nodes.kinds().values()),
        purposes=purposes(),
        owners=environment.roles,
        alert_routes=environment.alert_routes,
        connections=tuple(
            _connection(name, each, around, used.get(name, ()))
            for name, each in sorted(environment.connections.items())
        ),
        masters=tuple(
            shapes.MasterCard(id=name, title=each.title, key=each.key, values=tuple(each.columns))
            for name, each in sorted(around.masters.items())
        ),
        schemas=tuple(_schema(name, around) for name in sorted(around.schemas)),
        concepts=_choices(Concept),
        classes=_choices(DataClass),
        protections=_choices(Protection),
    )


def library(around: Surroundings) -> shapes.Library:
    """The shipped flows, those that this environment has the systems for first."""
    found = [_pattern(each, around) for each in shipped.shipped().values()]
    return shapes.Library(patterns=tuple(sorted(found, key=lambda each: (not each.usable, each.name))))


def fields(accepts: tuple[str, ...], wanted: str, limit: int) -> shapes.Fields:
    """The fields that a source of these types can emit: by path (``PID-3``) or by words of a name."""
    try:
        known = _known(accepts)
    except PathError as error:
        raise Unfit("no-type", error.sentence, "/accepts") from None
    words, start = wanted.casefold().split(), wanted.casefold()
    hits = [each for each in known if all(word in each.text for word in words)]
    hits.sort(key=lambda each: not each.text.startswith(start))
    return shapes.Fields(fields=tuple(each.card() for each in hits[:limit]), more=len(hits) > limit)


class _Field(NamedTuple):
    """A field or a part of one: by which words it is found, and how it is described if it is."""

    text: str
    card: Callable[[], shapes.FieldCard]


@lru_cache(maxsize=16)
def _known(accepts: tuple[str, ...]) -> tuple[_Field, ...]:
    if all(each.endswith("@R4") for each in accepts):
        return tuple(_fhir_fields(accepts))
    return tuple(_hl7_fields(accepts))


def _hl7_fields(accepts: tuple[str, ...]) -> Iterator[_Field]:
    tree = hl7.schema(accepts)
    for segment, places in tree.places.items():
        node = tree.node((*places[0], segment)) or _numbered(tree, places[0], segment)
        for number, field in node.children.items() if node else ():
            yield _hl7_field(segment, (number,), field)
            for part, below in field.children.items():
                yield _hl7_field(segment, (number, part), below)


def _hl7_field(segment: str, parts: tuple[str, ...], node: hl7.SchemaNode) -> _Field:
    version, numbers = _newest(node.versions), [int(part) for part in parts]
    path, name = f"{segment}-{'.'.join(parts)}", field_name(version, segment, *numbers)

    def card() -> shapes.FieldCard:
        return _card(path, name, node.natures, ground(version, segment, *numbers), repeats=node.repeats)

    return _Field(f"{path} {name}".casefold(), card)


def _fhir_fields(accepts: tuple[str, ...]) -> Iterator[_Field]:
    tree = fhir.schema(accepts)
    wanted = [name for name in tree.root.children if name in tree.accepted] or list(tree.root.children)
    if "Bundle" in wanted:
        wanted = [name for name, node in tree.root.children.items() if node.children]
    for name in wanted:
        yield from _elements(tree.root.children[name], (name,))


def _elements(node: fhir.SchemaNode, path: tuple[str, ...]) -> Iterator[_Field]:
    for name, child in node.children.items():
        here = (*path, name)
        if not child.field:
            yield from _elements(child, here)
            continue
        yield _element(here, _words(name), child)
        for part, below in child.children.items():
            yield _element((*here, part), f"{_words(name)}: {_words(part)}", below)


def _element(path: tuple[str, ...], name: str, node: fhir.SchemaNode) -> _Field:
    def card() -> shapes.FieldCard:
        leaf, here = path, node
        while here.children:
            first = next(iter(here.children))
            leaf, here = (*leaf, first), here.children[first]
        return _card(".".join(path), name, node.natures, fhir.ground(".".join(leaf)), repeats=node.repeats)

    return _Field(f"{'.'.join(path)} {name}".casefold(), card)


def _card(path: str, name: str, natures: frozenset[Nature], said: str, *, repeats: bool) -> shapes.FieldCard:
    """A field of several natures is shown as the gravest of them."""
    nature = max(natures, key=lambda each: (each.sensitivity, each.concept))
    return shapes.FieldCard(
        path=path,
        name=name,
        concept=nature.concept,
        sensitivity=nature.sensitivity,
        classes=tuple(sorted(nature.classes)),
        ground=said,
        repeats=repeats,
    )


def _numbered(tree: hl7.SchemaTree, groups: tuple[str, ...], segment: str) -> hl7.SchemaNode | None:
    """A segment that stands more than once in its group has a number: ``ROL#1``."""
    return tree.node((*groups, f"{segment}#1"))


def _newest(versions: frozenset[str]) -> str:
    numbers = {name.rpartition("@")[2] for name in versions}
    return max(numbers, key=lambda version: [int(part) for part in version.split(".")])


def _kind(node: NodeKind, around: Surroundings) -> shapes.Kind:
    module = inspect.getdoc(sys.modules[node.__module__]) or node.title
    example = dict(node.examples[0].config) if node.examples else {}
    declared = _declared(node, example, around, None)
    effects = declared.effects if declared else None
    emits = effects.emits.format if effects and effects.emits else None
    return shapes.Kind(  # type: ignore[call-arg]  # mypy knows aliases alone
        kind=node.kind,
        version=node.version,
        title=node.title,
        category=node.category,
        doc=" ".join(module.split("\n\n")[0].split()),
        inputs=node.inputs if node.category != "source" else (),
        outputs=node.outputs,
        takes=node.takes if node.category != "source" else (),
        produces=emits or ("record" if effects and effects.produces else "as-it-came"),
        exclusive=node.exclusive,
        connected=node.category != "transform",
        form=node.Config.model_json_schema(by_alias=True),
        examples=tuple(shapes.KindExample(title=each.title, config=dict(each.config)) for each in node.examples),
        example_config=example,
        effects_sentence=sentence(effects, node.category) if effects else "",
    )


def _declared(
    node: NodeKind, config: Mapping[str, Any], around: Surroundings, connection: str | None
) -> Declaration | None:
    step = Step(
        id="example", kind=node.kind, version=node.version, title=node.title, connection=connection, config=dict(config)
    )
    declared = nodes.declare(step, around)
    return declared if isinstance(declared, Declaration) else None


def _connection(
    name: str, connection: Connection, around: Surroundings, used_by: tuple[str, ...]
) -> shapes.ConnectionCard:
    operations = {op: each for (owner, op), each in around.operations.items() if owner == name}
    return shapes.ConnectionCard(
        name=name,
        domain=connection.domain,
        system=connection.system,
        transport=connection.transport,
        protocol=_protocol(connection, operations.values()),
        label=str(around.environment.label),
        address=f"{connection.host}:{connection.port}{connection.base_path}",
        purposes=connection.purposes,
        highest=dict(connection.highest),
        operations=tuple(
            shapes.Operation(
                id=op,
                method=each.method,
                path=each.path,
                fields=tuple(
                    shapes.OperationField(path=field.path, type=field.type, required=field.required)
                    for field in each.fields
                ),
            )
            for op, each in sorted(operations.items())
        ),
        used_by=used_by,
        kinds=tuple(node.kind for node in nodes.kinds().values() if _fits(node, name, tuple(operations), around)),
    )


def _protocol(connection: Connection, operations: Iterable[OperationContract]) -> str:
    """What is spoken there, as people call it."""
    kinds = {each.kind for each in operations}
    return listed([_CALLED[kind] for kind in sorted(kinds)]) if kinds else connection.spoken.upper()


_CALLED = {"openapi": "REST", "wsdl": "SOAP", "csv": "SFTP"}


def _fits(node: NodeKind, connection: str, operations: tuple[str, ...], around: Surroundings) -> bool:
    """Whether a kind can use a connection: a sink where its example has nothing against one of the operations."""
    if node.category == "transform" or (node.category == "source") == bool(operations):
        return False
    example = dict(node.examples[0].config) if node.examples else {}
    if node.category == "source":
        declared = _declared(node, example, around, connection)
        return declared is not None and not any(each.address.pointer == "/connection" for each in declared.problems)
    for operation in operations:
        declared = _declared(node, {**example, "operation": operation}, around, connection)
        against = declared.problems if declared else ()
        if declared and not any((each.address.pointer or "").startswith(_ABOUT) for each in against):
            return True
    return False


_ABOUT = ("/connection", "/config/operation")


def _schema(name: str, around: Surroundings) -> shapes.SchemaCard:
    schema = around.schemas[name]
    return shapes.SchemaCard(
        id=name,
        title=schema.title,
        fields=tuple(
            shapes.SchemaFieldCard(
                name=field, title=each.title, type=each.type, concept=each.concept, required=each.required
            )
            for field, each in schema.fields.items()
        ),
    )


def _pattern(each: shipped.Shipped, around: Surroundings) -> shapes.Pattern:
    lacking = shipped.lacks(each.flow, around)
    return shapes.Pattern(
        id=each.id,
        name=each.flow.name,
        purpose=each.flow.purpose,
        sentence=each.sentence,
        steps=len(each.flow.steps),
        cases=each.cases,
        usable=not lacking,
        lacks=lacking,
    )


def _choices(words: type[Concept] | type[DataClass] | type[Protection]) -> tuple[shapes.Choice, ...]:
    return tuple(shapes.Choice(id=str(each), title=str(each).replace("-", " ").capitalize()) for each in words)


def _words(name: str) -> str:
    """``suppliedItem`` as ``supplied item``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
