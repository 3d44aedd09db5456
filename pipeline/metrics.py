"""Every metric: name, kind, meaning. Labels are closed sets (role, topic, reason, partition), never a device id."""

from prometheus_client import Counter, Gauge, Histogram

RECEIVED = Counter("windhover_messages_received_total", "Messages or records a role took", ["role"])
SENT = Counter("windhover_messages_sent_total", "Messages, records or rows a role handed on", ["role", "topic"])
DISCARDED = Counter("windhover_messages_discarded_total", "Messages a role set aside", ["role", "reason"])
ERRORS = Counter("windhover_errors_total", "Failures by stage", ["role", "stage"])
LAG_SECONDS = Gauge("windhover_lag_seconds", "Age of the newest thing a role has finished", ["role"])
LAG_RECORDS = Gauge("windhover_consumer_lag_records", "Records behind the end of a partition", ["role", "partition"])
QUEUE_ITEMS = Gauge("windhover_queue_items", "Items waiting in a bounded queue", ["role", "queue"])
DEVICE_TO_ROW_SECONDS = Histogram(
    "windhover_device_to_row_seconds",
    "Arrival at the ingress to committed row",
    buckets=(0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 60),
)
