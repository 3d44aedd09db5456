"""IDI tracking topics: a job's, device group's or share's status at about 1 Hz."""

from pipeline.normalize.idi.status import read_status

__all__ = ["read_status"]
