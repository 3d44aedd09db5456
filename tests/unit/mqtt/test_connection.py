"""Connections, receivers and publishers against a scripted broker."""

import asyncio
import contextlib

import msgspec
import pytest

from pipeline.errors import ConfigurationError
from pipeline.mqtt import packets
from pipeline.mqtt.backoff import Backoff
from pipeline.mqtt.connection import Connection, Listener, open_connection
from pipeline.mqtt.errors import BrokerAwayError, PublishRejectedError
from pipeline.mqtt.publisher import PatientPublisher, Publisher
from pipeline.mqtt.receiver import Receiver
from tests.unit.mqtt.scripted_broker import ACCEPT_SESSION, Client, publishes, scripted_broker, with_session

AT_ONCE = Backoff(first_seconds=0.001, longest_seconds=0.001)


def within(work, seconds: float = 10):
    return asyncio.run(asyncio.wait_for(work, seconds))


@contextlib.asynccontextmanager
async def running(work):
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConfigurationError):
            await task


def suback(client: Client, reason: int) -> bytes:
    """The answer to the SUBSCRIBE or UNSUBSCRIBE the client sent last."""
    first, body = client.seen[-1]
    return packets.packet(0x90 if first == 0x82 else 0xB0, body[:2] + b"\0" + bytes((reason,)))


@pytest.mark.parametrize(
    ("reason", "error", "words"),
    [
        (0x86, ConfigurationError, "WINDHOVER_MQTT_PASSWORD"),
        (0x87, ConfigurationError, "not authorised"),
        (0x88, BrokerAwayError, "server unavailable"),
        (0x97, BrokerAwayError, "quota exceeded"),
    ],
)
def test_a_refused_connect_says_whether_waiting_helps(reason, error, words):
    async def work():
        async with scripted_broker(lambda client: client.greeted(bytes((0x20, 3, 0, reason, 0)))) as login:
            with pytest.raises(error, match=words):
                await open_connection(login, Listener())

    within(work())


def test_no_broker_is_an_outage_that_names_the_address():
    async def work():
        async with scripted_broker(lambda client: client.greeted()) as login:
            pass
        with pytest.raises(BrokerAwayError, match=f"127.0.0.1:{login.port} does not answer"):
            await open_connection(login, Listener())

    within(work())


def test_a_broker_that_accepts_and_says_nothing_is_given_up():
    async def work():
        async with scripted_broker(lambda client: client.until(lambda: False)) as login:
            with pytest.raises(BrokerAwayError, match="does not answer"):
                await open_connection(login, Listener(), timeout_seconds=0.05)

    within(work())


def test_a_silent_broker_is_dropped_after_one_and_a_half_keep_alives():
    async def script(client):
        await client.greeted()
        await client.until(lambda: False)

    async def work():
        async with scripted_broker(script) as login:
            connection = await open_connection(msgspec.structs.replace(login, keep_alive_seconds=1), Listener())
            return str(await connection.lost)

    assert "silent" in within(work())


def test_bytes_that_are_not_mqtt_end_the_connection():
    async def script(client):
        await client.greeted()
        client.send(b"\xff\xff\xff\xff\xff\xff")
        await client.until(lambda: False)

    async def work():
        async with scripted_broker(script) as login:
            connection = await open_connection(login, Listener())
            return await connection.lost

    assert isinstance(within(work()), BrokerAwayError)


@pytest.mark.parametrize(("reason", "error"), [(0x8E, ConfigurationError), (0x8B, BrokerAwayError)])
def test_a_takeover_is_a_mistake_in_the_set_up_and_a_shutdown_is_not(reason, error):
    async def script(client):
        await client.greeted()
        client.send(bytes((0xE0, 1, reason)))
        await client.until(lambda: False)

    async def work():
        async with scripted_broker(script) as login:
            return await (await open_connection(login, Listener())).lost

    assert isinstance(within(work()), error)


def test_the_messages_of_one_read_arrive_as_one_list_and_are_acknowledged_in_one_go():
    reads: list[list[bytes]] = []
    clients: list[Client] = []

    class Taking(Listener):
        def on_messages(self, connection: Connection, messages) -> None:
            reads.append([payload for _, _, payload, _ in messages])
            connection.acknowledge([packet_id for _, packet_id, _, _ in messages])

    async def script(client):
        clients.append(client)
        await client.greeted()
        client.send(publishes(b"a", b"b", b"c"))
        await client.until(lambda: len(client.acknowledged) == 3)

    async def work():
        async with scripted_broker(script) as login:
            await (await open_connection(login, Taking())).lost

    within(work())
    assert reads == [[b"a", b"b", b"c"]]
    assert clients[0].acknowledged == [1, 2, 3]


def test_an_acknowledgement_for_a_dead_connection_goes_nowhere():
    clients: list[Client] = []
    taken: list[tuple[Connection, list]] = []
    both_taken = asyncio.Event()

    async def script(client):
        clients.append(client)
        await client.greeted(ACCEPT_SESSION)
        await client.until(lambda: len(client.seen) > 1)
        client.send(suback(client, 1))
        client.send(publishes(b"payload"))
        if len(clients) == 1:
            return
        await client.until(lambda: bool(client.acknowledged))

    def take(connection, messages):
        taken.append((connection, messages))
        if len(taken) == 2:
            both_taken.set()

    async def work():
        async with scripted_broker(script) as login:
            receiver = Receiver(with_session(login), ["t"], take, AT_ONCE)
            async with running(receiver.run()):
                await both_taken.wait()
                (first, messages), (second, _) = taken
                first.acknowledge([messages[0][1]])
                assert not first.alive
                second.acknowledge([b"\0\1"])
                await second.lost

    within(work())
    assert [client.acknowledged for client in clients[:2]] == [[], [1]]


def test_a_refused_subscription_ends_the_receiver():
    async def script(client):
        await client.greeted()
        await client.until(lambda: len(client.seen) > 1)
        client.send(suback(client, 0x87))
        await client.until(lambda: False)

    async def work():
        async with scripted_broker(script) as login:
            with pytest.raises(ConfigurationError, match="subscription t"):
                await Receiver(login, ["t"], lambda *_: None, AT_ONCE).run()

    within(work())


@pytest.mark.parametrize(("session", "marked"), [(ACCEPT_SESSION, True), (bytes.fromhex("2003000000"), False)])
def test_what_was_on_its_way_is_sent_again_and_marked_where_the_session_lives(session, marked):
    clients: list[Client] = []

    async def script(client):
        clients.append(client)
        await client.greeted(session)
        await client.until(lambda: bool(client.published))
        if len(clients) > 1:
            client.send(packets.pubacks(packet_id for _, packet_id, _, _ in client.published))
            await client.until(lambda: False)

    async def work():
        async with scripted_broker(script) as login:
            publisher = Publisher(with_session(login), backoff=AT_ONCE)
            async with running(publisher.run()):
                heard = await publisher.publish("t", b"payload")
                return heard, publisher.resent, publisher.acknowledged

    assert within(work()) == (True, 1, 1)
    first, again = clients[0].published[0], clients[1].published[0]
    assert first[:3] == again[:3]
    assert bool(again[3] & packets.DUPLICATE_FLAG) == marked


def test_a_publisher_keeps_to_the_brokers_window():
    most: list[int] = []

    async def script(client):
        await client.greeted(bytes.fromhex("20060000" + "03" + "210002"))
        for done in range(6):
            await client.until(lambda done=done: len(client.published) > done)
            most.append(len(client.published) - done)
            client.send(packets.pubacks([client.published[done][1]]))
        await client.until(lambda: False)

    async def work():
        async with scripted_broker(script) as login:
            publisher = Publisher(login, window=100, backoff=AT_ONCE)
            async with running(publisher.run()):
                await asyncio.gather(*[publisher.publish("t", b"%d" % number) for number in range(6)])

    within(work())
    assert max(most) == 2


def test_a_refused_message_fails_alone():
    async def script(client):
        await client.greeted()
        await client.until(lambda: len(client.published) == 2)
        first, second = (packet_id for _, packet_id, _, _ in client.published)
        client.send(b"\x40\x03" + first + b"\x87" + b"\x40\x02" + second)
        await client.until(lambda: False)

    async def work():
        async with scripted_broker(script) as login:
            publisher = Publisher(login, backoff=AT_ONCE)
            async with running(publisher.run()):
                refused, taken = publisher.publish("forbidden", b""), publisher.publish("t", b"")
                with pytest.raises(PublishRejectedError, match="forbidden"):
                    await refused
                return await taken, publisher.unacknowledged

    assert within(work()) == (True, 0)


@pytest.mark.parametrize(("kind", "heard", "times"), [(Publisher, False, 1), (PatientPublisher, True, 2)])
def test_what_nobody_heard_is_told_or_sent_again(kind, heard, times):
    clients: list[Client] = []

    async def script(client):
        clients.append(client)
        await client.greeted()
        await client.until(lambda: len(client.published) == 1)
        client.send(b"\x40\x03" + client.published[0][1] + b"\x10")
        await client.until(lambda: len(client.published) == 2)
        if len(client.published) == 2:
            client.send(packets.pubacks([client.published[1][1]]))
            await client.until(lambda: False)

    async def work():
        async with scripted_broker(script) as login:
            publisher = kind(login, backoff=AT_ONCE)
            async with running(publisher.run()):
                return await publisher.publish("t", b"payload")

    assert within(work()) == heard
    assert len(clients[0].published) == times
