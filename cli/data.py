"""`windhover migrate` and `topics`: bring the database and the log up to what this version needs."""

import asyncio

from pipeline.kafka import create_topics
from pipeline.settings import load_settings
from pipeline.store.migrate import migrate as apply_migrations
from schemas.topics import TOPICS, full_name


def migrate() -> None:
    """Apply the migrations that the database has not seen; says each one."""
    applied = apply_migrations(load_settings().database, print)
    print(f"{len(applied)} migrations applied" if applied else "the database is up to date")


def topics() -> None:
    """Create the Kafka topics that are missing, then list all with their meaning."""
    settings = load_settings()
    made = asyncio.run(create_topics(settings))
    for topic in TOPICS:
        name = full_name(topic, settings.topic_prefix)
        kept = "newest per key" if topic.retention_ms is None else f"{topic.retention_ms // 86_400_000} days"
        state = "made now" if name in made else "there"
        print(f"{name:<28}{state:<10}kept {kept:<16}{topic.written_by} -> {topic.read_by}")
