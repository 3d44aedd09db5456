"""What travels between roles: record types, Kafka headers and topic declarations. Imports nothing of ours."""
