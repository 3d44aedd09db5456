"""Lands telemetry: rows, newest states, devices and the Kafka offset in one transaction, so that nothing lands twice.

A partition is claimed with an owner. Each transaction first moves the partition's row from where this owner left it
(a process that lost the partition fails there, before it writes), then copies the rows. Everything here runs in one
thread: a claim waits for a transaction that is under way.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import psycopg

import sql
from pipeline.errors import ConfigurationError, UnavailableError
from pipeline.store import seen_devices
from pipeline.store.batch import Batch, FencedError, Landed, NotStorableError, Place, Span, prepare
from pipeline.store.connection import connect
from pipeline.store.failures import Failure, classify, first_line
from pipeline.store.latest_state import LatestStates, parameter
from pipeline.store.refused import Connection, copy_file, refused
from pipeline.store.seen_devices import SeenDevices
from schemas.device import Device

log = logging.getLogger(__name__)
T = TypeVar("T")


class Landing:
    """One topic's way into the database, for one process."""

    def __init__(self, dsn: str, topic: str, owner: str) -> None:
        self.topic = topic
        self.owner = owner
        self._dsn = dsn
        self._connection: Connection | None = None
        self._landed: dict[int, Landed] = {}
        self._claim = 0
        self._latest = LatestStates()
        self._devices = SeenDevices()

    def check(self, account: int) -> None:
        """See that the database is there, with its tables and the account that devices get at first sight.

        Raises:
            UnavailableError: it does not answer, or has no such account yet.
            ConfigurationError: tables or permissions are missing.
        """
        row = self._guarded(
            lambda connection: connection.execute(sql.query("account_exists"), {"account": account}).fetchone()
        )
        if row != (True,):
            raise UnavailableError(f"database: no account {account}: create it or set WINDHOVER_FIRST_SIGHT_ACCOUNT")

    def claim(self, bounds: Mapping[int, tuple[int, int]]) -> Mapping[int, Landed]:
        """Take over partitions (number to first offset and end of the topic); all others are ours no more.

        Raises:
            UnavailableError: the database is away.
            ConfigurationError: a topic is shorter than what was landed from it.
        """
        self._claim += 1
        self._landed = {}
        self._latest.forget()
        if bounds:
            self._landed = self._guarded(lambda connection: self._claim_rows(connection, bounds))
        for partition, landed in self._landed.items():
            if landed.next_offset > bounds[partition][1]:
                raise ConfigurationError(
                    f"{self.topic} partition {partition} ends at {bounds[partition][1]}, but it is landed up to "
                    f"{landed.next_offset}: the topic was made anew; delete its rows from store.landed_offset"
                )
        return self._landed

    def _claim_rows(self, connection: Connection, bounds: Mapping[int, tuple[int, int]]) -> dict[int, Landed]:
        partitions = sorted(bounds)
        earliest = [bounds[partition][0] for partition in partitions]
        wanted = {"topic": self.topic, "partitions": partitions, "earliest": earliest, "owner": self.owner}
        with connection.transaction():
            before = self._standing(connection, partitions)
            rows = connection.execute(sql.query("claim_partitions"), wanted).fetchall()
        for partition, next_offset, _ in rows:
            if partition in before and before[partition][0] < next_offset:
                expired = {"partition": partition, "from": before[partition][0], "to": next_offset}
                log.error("records expired before they were landed", extra={"topic": self.topic} | expired)
        return {partition: Landed(next_offset, source) for partition, next_offset, source in rows}

    def prepare(self, spans: Iterable[Span], passed_over: Mapping[Place, str]) -> Batch:
        """Decode and pack what is not landed yet; raises as `pipeline.store.batch.prepare`."""
        return prepare(self._claim, self._landed, spans, passed_over, self.topic)

    def commit(self, batch: Batch) -> bool:
        """Write the batch; False when partitions changed hands since `prepare`: drop it then.

        Raises:
            UnavailableError: the database is away; try again with the same batch. What is committed is noticed.
            NotStorableError: the database refused records; none of the batch is written.
            FencedError: another process has taken a partition.
        """
        if batch.claim != self._claim:
            return False
        try:
            self._guarded(lambda connection: self._write(connection, batch))
        except psycopg.Error as error:
            found = self._guarded(lambda connection: refused(connection, batch.records))
            if not found:
                raise ConfigurationError(f"database: {first_line(error)}: no single record is at fault") from error
            raise NotStorableError(found) from error
        self._landed.update(batch.after)
        return True

    def _write(self, connection: Connection, batch: Batch) -> None:
        said = [record for _, record in batch.records]
        with connection.transaction():
            if not self._advance(connection, batch):
                return  # an earlier commit of this very batch had reached the server
            copy_file(connection, "copy_aircraft_samples", batch.aircraft)
            copy_file(connection, "copy_readings", batch.readings)
            merged = self._latest.merge(said, lambda devices: _observed(connection, devices))
            if merged:
                connection.execute(sql.query("merge_latest"), (parameter(merged),))
            news = self._devices.news(said)
            if news:
                connection.execute(sql.query("upsert_devices"), seen_devices.columns(news.values()))
        self._latest.remember(merged)
        self._devices.remember(news)

    def _advance(self, connection: Connection, batch: Batch) -> bool:
        """Move the partitions; False when they were moved to exactly there already.

        The first statement of the transaction: a process that lost a partition fails before it copies.
        """
        partitions = sorted(batch.after)
        step = {
            "topic": self.topic,
            "owner": self.owner,
            "partitions": partitions,
            "previous": [batch.before[each].next_offset for each in partitions],
            "next_offsets": [batch.after[each].next_offset for each in partitions],
            "source_offsets": [batch.after[each].source_offset for each in partitions],
        }
        if len(connection.execute(sql.query("advance_partitions"), step).fetchall()) == len(partitions):
            return True
        standing = self._standing(connection, partitions)
        if all(standing.get(each) == (batch.after[each].next_offset, self.owner) for each in partitions):
            return False
        raise FencedError(f"{self.topic} stands at {standing}: another process took partitions over")

    def _standing(self, connection: Connection, partitions: list[int]) -> dict[int, tuple[int, str]]:
        asked = {"topic": self.topic, "partitions": partitions}
        rows = connection.execute(sql.query("landed_partitions"), asked).fetchall()
        return {partition: (next_offset, owner) for partition, next_offset, owner in rows}

    def note_devices(self, devices: Mapping[str, Device]) -> None:
        """Write what the `devices` topic says. One that the database refuses is left out, with an error in the log.

        Raises:
            UnavailableError: the database is away.
        """
        try:
            self._guarded(lambda connection: _upsert(connection, devices))
            self._devices.remember(devices)
        except psycopg.Error as error:
            if len(devices) == 1:
                log.exception("a device cannot be stored", extra={"device": next(iter(devices)), "error": repr(error)})
                return
            for name, device in devices.items():
                self.note_devices({name: device})

    def _guarded(self, work: Callable[[Connection], T]) -> T:
        """Run on a live connection; a lost one is closed, so that the next call opens another.

        Raises:
            UnavailableError, ConfigurationError: see the callers.
            psycopg.Error: only errors about values.
        """
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._dsn, "land", autocommit=True)
        try:
            return work(self._connection)
        except psycopg.Error as error:
            failure = classify(error)
            if failure is Failure.DATA:
                raise
            self.close()
            if failure is Failure.AWAY:
                raise UnavailableError(f"database: {first_line(error)}") from error
            raise ConfigurationError(f"database: {first_line(error)}: run `windhover migrate`") from error

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _upsert(connection: Connection, devices: Mapping[str, Device]) -> None:
    if devices:
        with connection.transaction():
            connection.execute(sql.query("upsert_devices"), seen_devices.columns(devices.values()))


def _observed(connection: Connection, devices: list[str]) -> dict[str, int]:
    return dict(connection.execute(sql.query("latest_observed"), {"devices": devices}).fetchall())
