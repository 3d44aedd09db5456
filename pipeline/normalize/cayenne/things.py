"""Whose message it is: only provisioned things are heard, and only under their own user."""

from pipeline.errors import UnsupportedMessageError
from pipeline.normalize.knowledge import Knowledge
from pipeline.normalize.outcome import Arrival
from schemas.device import Device


def known_thing(arrival: Arrival, knowledge: Knowledge) -> Device:
    """The thing of the topic.

    Raises:
        UnsupportedMessageError: `not-authorised`, the topic, the publisher and the registry do not name one user;
            `unknown-device`, nobody provisioned the thing or it is deactivated.
    """
    user = arrival.message.user
    if user is not None and arrival.user and user != arrival.user:
        raise UnsupportedMessageError("not-authorised", "published under another user's topic")
    thing = knowledge.registry.get(arrival.device)
    if thing is None or thing.family != "cayenne" or not thing.active:
        raise UnsupportedMessageError("unknown-device", "provision the thing first")
    named = arrival.user or user
    if thing.mqtt_user is not None and named is not None and named != thing.mqtt_user:
        raise UnsupportedMessageError("not-authorised", "the thing belongs to another user")
    return thing
