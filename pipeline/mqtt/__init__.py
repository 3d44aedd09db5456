"""MQTT 5 over asyncio, for the path of every message: packets, connection, receiver, publisher, access."""
