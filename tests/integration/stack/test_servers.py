"""The servers that the fixtures give, native or in containers: enough of each for any other test."""

import asyncio

import paho.mqtt.client as mqtt
import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from pipeline.kafka import create_topics
from pipeline.mqtt.access import fleet_access
from pipeline.mqtt.dynamic_security import Credential, dynamic_security
from pipeline.store.migrate import migrate
from schemas.topics import RAW, TOPICS, full_name


def test_the_database_is_migrated_and_empty(database):
    with psycopg.connect(database) as connection:
        assert connection.execute("select count(*) from store.device").fetchone() == (0,)
    assert migrate(database) == []


def test_kafka_takes_and_gives_records_of_our_topics(settings):
    async def round_trip() -> bytes:
        await create_topics(settings)
        topic = full_name(RAW, settings.topic_prefix)
        async with AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all") as producer:
            await producer.send_and_wait(topic, b"hello")
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka, auto_offset_reset="earliest")
        async with consumer:
            names = await consumer.topics()
            assert {full_name(each, settings.topic_prefix) for each in TOPICS} <= names
            return (await asyncio.wait_for(consumer.getone(), 20)).value

    assert asyncio.run(round_trip()) == b"hello"


def test_mosquitto_lets_the_admin_make_users_and_refuses_the_nameless(settings):
    async def make_user() -> list[str]:
        admin = (settings.mqtt_admin_username, settings.mqtt_admin_password)
        async with dynamic_security(settings.mqtt_host, settings.mqtt_port, *admin) as security:
            await security.replace([Credential("a-fleet", "secret", fleet_access("a-fleet"))])
            return await security.usernames()

    assert "a-fleet" in asyncio.run(make_user())
    nameless = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    refused = []
    nameless.on_connect = lambda _client, _data, _flags, reason, _properties: refused.append(reason.is_failure)
    nameless.connect(settings.mqtt_host, settings.mqtt_port)
    while not refused:
        nameless.loop(1)
    nameless.disconnect()
    assert refused == [True]
