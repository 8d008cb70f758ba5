"""Routes of messages."""

from __future__ import annotations

from designer import messages
from designer.context import caller, here
from designer.http.models import messages as shapes
from designer.http.routes import Noun

api = Noun("messages")


@api.on("GET", "/messages", needs="message.read", gives=shapes.MessageCards)
def list_messages(query: shapes.MessagesQuery) -> shapes.MessageCards:
    """Messages, the newest first."""
    return messages.listed(here(), query)


@api.on("POST", "/messages/search", needs="message.read", gives=shapes.MessageCards)
def search_messages(body: shapes.Search) -> shapes.MessageCards:
    """Messages by a business key. The key stands in the body, for an address is written down in many places."""
    return messages.search(here(), body)


@api.on("GET", "/message-keys", needs="message.read", gives=shapes.Searchable)
def read_message_keys() -> shapes.Searchable:
    """What a search finds messages by."""
    return messages.searchable(here())


@api.on("GET", "/messages/<number>", needs="message.read", gives=shapes.MessagePage)
def read_message(path: shapes.MessagePath) -> shapes.MessagePage:
    """One message's life."""
    return messages.page(here(), caller(), path.number)


@api.on("GET", "/messages/<number>/fields", needs="message.read", gives=shapes.MessageFields)
def list_message_fields(path: shapes.MessagePath, query: shapes.BodyQuery) -> shapes.MessageFields:
    """The fields that a message, or the body of a posting, has; every value masked."""
    return messages.fields(here(), path.number, query)


@api.on("POST", "/messages/<number>/reveal", needs=messages.REVEAL, gives=shapes.RevealedField)
def reveal_field(path: shapes.MessagePath, body: shapes.Reveal) -> shapes.RevealedField:
    """The value of one field, for a reason. It is recorded before it is shown."""
    return messages.reveal(here(), caller(), path.number, body)
