"""A fleet that is not there: a pure model of aircraft, docks, remote controllers and things, and real MQTT clients."""
