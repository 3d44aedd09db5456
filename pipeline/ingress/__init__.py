"""The way in: MQTT to the `raw` topic. A message is acknowledged only after Kafka has acknowledged its record."""
