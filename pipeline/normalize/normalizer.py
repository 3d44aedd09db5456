"""One message in, what it means out: the pure part of the role `normalize`. No clock, no network, no Faust."""

from pipeline.errors import MalformedMessageError, MessageError
from pipeline.normalize import DECODERS
from pipeline.normalize.dji.known_aircraft import KnownAircraft
from pipeline.normalize.duplicates import RecentMessages
from pipeline.normalize.json_reader import JsonReader
from pipeline.normalize.knowledge import Knowledge
from pipeline.normalize.outcome import Arrival, Normalized, WhenFlagged
from pipeline.normalize.registry import Registry
from pipeline.normalize.routing import Route, Routes
from schemas.raw import Message

__all__ = ["Normalized", "Normalizer", "RecentMessages", "Registry"]

DUPLICATE = "duplicate"
REPLAY = "replay"

#: Topics are few and come again; an attacker's many are forgotten together.
_MOST_ROUTES = 100_000


class Normalizer:
    """Decodes messages and keeps the registry up to date with what they tell of devices."""

    def __init__(self, registry: Registry, first_sight_account: int) -> None:
        self._knowledge = Knowledge(registry, first_sight_account, JsonReader(), KnownAircraft())
        self._routes = Routes(DECODERS)
        self._known_routes: dict[str, Route] = {}

    def normalize(self, message: Message, source_offset: int, recent: RecentMessages) -> Normalized:
        """What the message means.

        Args:
            message: as MQTT carried it.
            source_offset: of its raw record.
            recent: the messages seen lately on its partition.

        Raises:
            MessageError: the message is set aside; nothing else is raised.
        """
        try:
            route = self._known_routes.get(message.topic) or self._route(message.topic)
            arrival = Arrival(message, source_offset, route.device, route.user, route.channel)
            outcome, identity = route.decoder(arrival, self._knowledge)
        except MessageError:
            raise
        except Exception as error:
            # The door of the pure part: a message that breaks a decoder costs that message, and is kept to mend it.
            raise MalformedMessageError("internal-error", f"{type(error).__name__}: {error}") from error
        if message.retain:
            return Normalized(flags=(*outcome.flags, REPLAY), dropped=REPLAY)
        for device in outcome.devices:
            self._knowledge.registry.put(device)
        if identity is None or not recent.remember(identity):
            return outcome
        if message.duplicate or not isinstance(identity, WhenFlagged):
            # Sent again because the answer did not arrive: answer again.
            flags = (*outcome.flags, DUPLICATE)
            return Normalized(replies=outcome.replies, devices=outcome.devices, flags=flags, dropped=DUPLICATE)
        return outcome

    def _route(self, topic: str) -> Route:
        route = self._routes.route(topic)
        if len(self._known_routes) >= _MOST_ROUTES:
            self._known_routes.clear()
        self._known_routes[topic] = route
        return route
