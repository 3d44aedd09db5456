"""The `dead-letters` topic: bytes set aside with where they came from and why.

Record: key = device id of the raw record, value = the original bytes, timestamp = when it was set aside. Headers: those
of the raw record (`schemas.raw`), and

| header   | value                                                                   |
|----------|-------------------------------------------------------------------------|
| `reason` | a word of REASONS, where the word ends in `:` followed by a field name  |
| `detail` | explanation for people, never matched on; may be absent                 |
| `system` | `dji`, `cayenne`, `idi`, ... or `unknown`                               |
| `origin` | `topic:partition:offset` of the record that was set aside               |
"""

REASON = "reason"
DETAIL = "detail"
SYSTEM = "system"
ORIGIN = "origin"

#: The closed list. A word that ends in `:` is followed by the name of the field.
REASONS = frozenset(
    {
        "empty", "not-utf8", "not-json", "not-object", "not-array", "too-large", "too-deep", "duplicate-key:",
        "unknown-topic", "bad-serial", "missing-data", "missing-channel", "missing-value", "missing-msg",
        "missing-from", "bad-type:", "bad-value", "bad-grammar", "bad-channel", "bad-timestamp", "out-of-range:",
        "not-authorised", "unknown-device", "truncated-record", "unknown-type", "not-storable", "internal-error",
    }
)  # fmt: skip


def reason_word(reason: str) -> str:
    """The word of REASONS that a reason starts with, for metrics: `out-of-range:height` gives `out-of-range:`."""
    head, colon, _ = reason.partition(":")
    return (head.split(" ", 1)[0] + colon) if colon else head.split(" ", 1)[0]
