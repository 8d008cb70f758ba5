"""Live rooms over Socket.IO: a hint channel. Every view is right from the API alone; a hint says that it has changed.

Each event of a client names the action that it needs, and the session is looked up again for every one: whoever was
signed out, or lost a role, is heard no more. No frame holds a value of a message.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Flask, request
from flask_socketio import SocketIO, disconnect, join_room, leave_room
from pydantic import BaseModel, ValidationError

from designer import sessions
from designer.context import Caller
from designer.errors import DesignerError, NotAllowed, NotSignedIn, Unfit
from designer.faults import reference
from designer.http import cookies
from designer.http.doorkeeper import Doorkeeper
from designer.http.models.live import DraftHint, FollowDraft, FollowFlow, Hello, Nothing, PenAsked, Presence, Present
from designer.http.tabs import known
from flows.refusals import sentence

if TYPE_CHECKING:
    from designer.context import Designer

Answer = dict[str, Any]
CONNECT = "socket.open"
SPARE = 16
"""So many threads are kept for answers: a socket holds one for as long as it is open."""
EACH = 8
"""So many sockets one session may hold."""


class Event(NamedTuple):
    """One thing that a client may say, what it needs for it, and what it must look like."""

    name: str
    needs: str
    shape: type[BaseModel]
    act: Callable[[Live, Designer, Caller, Any], BaseModel | None]


class Live:
    """Sockets of one process, and who is in which room."""

    def __init__(self) -> None:
        self.io = SocketIO(async_mode="threading", logger=False, engineio_logger=False)
        self._lock = threading.Lock()
        self._sockets: dict[str, _Socket] = {}

    def attach(self, app: Flask, designer: Designer) -> None:
        """Begins to listen. Browsers of other origins are sent away before any event."""
        self.io.init_app(
            app,
            cors_allowed_origins=[designer.settings.origin],
            max_http_buffer_size=1 << 16,
            manage_session=False,
            cookie=None,
            always_connect=False,
            ping_interval=20,
            ping_timeout=20,
        )
        app.wsgi_app = Doorkeeper(app.wsgi_app, designer)  # type: ignore[assignment, method-assign]
        self.io.on_event("connect", self._connecting(designer))
        self.io.on_event("disconnect", lambda *_: self._gone(_sid()))
        for event in EVENTS.values():
            self.io.on_event(event.name, self._answering(designer, event))

    # -- what the server says --------------------------------------------------------------------------------------

    def draft(self, hint: DraftHint) -> None:
        """A draft was saved, its pen passed on, or it was locked or thrown away."""
        self._say("draft", hint, f"draft:{hint.id}")

    def pen_asked(self, draft: str, asked: PenAsked) -> None:
        """Somebody would like to write."""
        self._say("pen-asked", asked, f"draft:{draft}")

    def inbox(self, person: str, hint: BaseModel) -> None:
        """Something waits for a person, or no longer does."""
        self._say("inbox", hint, f"inbox:{person}")

    def flow(self, flow: str, hint: BaseModel) -> None:
        """The counters of a flow."""
        self._say("flow", hint, f"flow:{flow}")

    def everybody(self, event: str, hint: BaseModel) -> None:
        """Something that any view may show."""
        self._say(event, hint, None)

    def followed(self, kind: str) -> tuple[str, ...]:
        """The ids of the rooms of a kind in which somebody is."""
        with self._lock:
            rooms = {room for socket in self._sockets.values() for room in socket.rooms}
        return tuple(sorted(room.partition(":")[2] for room in rooms if room.startswith(f"{kind}:")))

    def closed(self, token: str) -> None:
        """A session ended: its sockets are closed."""
        self._close(lambda socket: socket.caller.session == token)

    def ended(self, person: str, *, but: str = "") -> None:
        """All sessions of a person ended, but one."""
        self._close(lambda socket: socket.caller.person == person and socket.caller.session != but)

    def _say(self, event: str, body: BaseModel, room: str | None) -> None:
        self.io.emit(event, body.model_dump(mode="json", by_alias=True), to=room)

    def _close(self, those: Callable[[_Socket], bool]) -> None:
        with self._lock:
            found = [sid for sid, socket in self._sockets.items() if those(socket)]
        for sid in found:
            self._hang_up(sid)

    def _hang_up(self, sid: str) -> None:
        """Ends a socket and the connection below it, so that it holds no thread either."""
        server: Any = self.io.server  # type: ignore[attr-defined]  # its stubs lack it
        connection = server.manager.eio_sid_from_sid(sid, "/")
        server.disconnect(sid, namespace="/")
        below = server.eio.sockets.get(connection)
        if below is not None:
            below.close(wait=False)  # whoever signs somebody out does not wait until a slow browser has heard it

    # -- what clients say ------------------------------------------------------------------------------------------

    def _connecting(self, designer: Designer) -> Callable[..., bool]:
        def connecting(auth: object = None) -> bool:
            word = known(auth.get("tab", "")) if isinstance(auth, Mapping) else ""
            value = request.cookies.get(cookies.name(designer.settings))
            caller = sessions.find(designer, value, word)
            if caller is None or not designer.rights.may(CONNECT, caller.roles, demo=designer.demo):
                return False
            with self._lock:
                own = sum(socket.caller.session == caller.session for socket in self._sockets.values())
                if own >= EACH or len(self._sockets) >= designer.settings.threads - SPARE:
                    return False
                self._sockets[_sid()] = _Socket(caller, set())
            return True

        return connecting

    def _answering(self, designer: Designer, event: Event) -> Callable[..., Answer]:
        def answering(*said: object) -> Answer:
            try:
                caller = self._caller(designer, event)
                given = event.act(self, designer, caller, _read(event, said))
                return {"ok": True, **(given.model_dump(mode="json", by_alias=True) if given else {})}
            except DesignerError as error:
                return {"ok": False, "error": error.code, "sentence": error.sentence}
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the socket of anybody
                return {"ok": False, "error": "fault", "reference": reference(error)}

        return answering

    def _caller(self, designer: Designer, event: Event) -> Caller:
        with self._lock:
            socket = self._sockets.get(_sid())
        caller = sessions.by_token(designer, socket.caller.session, socket.caller.tab) if socket else None
        if caller is None:
            disconnect()
            raise NotSignedIn("not-signed-in", "Nobody is signed in here any more.")
        if not designer.rights.may(event.needs, caller.roles, demo=designer.demo):
            raise NotAllowed("not-allowed", f"This needs the right '{event.needs}'.")
        return caller

    def enter(self, room: str) -> None:
        """Puts the socket that asks into a room."""
        join_room(room)
        with self._lock:
            if _sid() in self._sockets:
                self._sockets[_sid()].rooms.add(room)

    def leave(self, room: str) -> None:
        """Takes the socket that asks out of a room."""
        leave_room(room)
        with self._lock:
            if _sid() in self._sockets:
                self._sockets[_sid()].rooms.discard(room)

    def present(self, draft: str) -> Presence:
        """Tells everybody at a draft who is there."""
        room = f"draft:{draft}"
        with self._lock:
            there = [socket.caller for socket in self._sockets.values() if room in socket.rooms]
        people = tuple(
            sorted({Present(person=each.person, name=each.name, tab=each.tab) for each in there}, key=_order)
        )
        presence = Presence(id=draft, people=people)
        self._say("presence", presence, room)
        return presence

    def _gone(self, sid: str) -> None:
        with self._lock:
            socket = self._sockets.pop(sid, None)
        for room in socket.rooms if socket else ():
            if room.startswith("draft:"):
                self.present(room.partition(":")[2])


class _Socket(NamedTuple):
    caller: Caller
    rooms: set[str]


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO puts it there


def _order(each: Present) -> tuple[str, str]:
    return (each.name, each.tab)


def _read(event: Event, said: tuple[object, ...]) -> BaseModel:
    if len(said) > 1:
        raise Unfit("does-not-fit", f"'{event.name}' takes one object.")
    try:
        return event.shape.model_validate(said[0] if said else {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Unfit("does-not-fit", sentence(first)) from None


def _follow_draft(live: Live, designer: Designer, caller: Caller, said: FollowDraft) -> BaseModel:
    live.enter(f"draft:{said.id}")
    return live.present(said.id)


def _leave_draft(live: Live, designer: Designer, caller: Caller, said: FollowDraft) -> BaseModel:
    live.leave(f"draft:{said.id}")
    return live.present(said.id)


def _follow_flow(live: Live, designer: Designer, caller: Caller, said: FollowFlow) -> None:
    live.enter(f"flow:{said.id}")


def _leave_flow(live: Live, designer: Designer, caller: Caller, said: FollowFlow) -> None:
    live.leave(f"flow:{said.id}")


def _follow_inbox(live: Live, designer: Designer, caller: Caller, said: Nothing) -> BaseModel:
    live.enter(f"inbox:{caller.person}")
    return Hello(person=caller.person)


def _ask_pen(live: Live, designer: Designer, caller: Caller, said: FollowDraft) -> None:
    live.pen_asked(said.id, PenAsked(id=said.id, person=caller.person, name=caller.name))


EVENTS: Mapping[str, Event] = {
    event.name: event
    for event in (
        Event("follow-draft", "draft.follow", FollowDraft, _follow_draft),
        Event("leave-draft", "draft.follow", FollowDraft, _leave_draft),
        Event("ask-pen", "draft.pen", FollowDraft, _ask_pen),
        Event("follow-flow", "flow.follow", FollowFlow, _follow_flow),
        Event("leave-flow", "flow.follow", FollowFlow, _leave_flow),
        Event("follow-inbox", "inbox.follow", Nothing, _follow_inbox),
    )
}
"""Everything that a client may say. What is not here is not heard."""
