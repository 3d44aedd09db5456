"""What the servers of `docker-compose.yml` find in their volumes, and how the compose stack puts it there."""

from stack.mosquitto import SECURITY_FILE, mosquitto_conf

MQTT_PORT = 1883
MOSQUITTO_DATA = "/mosquitto/data"
PASSWORD_FILE = "/run/database/password"  # noqa: S105 - a place, no password
#: The native broker's own configuration, listening inside its container on every address.
MOSQUITTO_CONF = mosquitto_conf(
    MQTT_PORT,
    "/usr/lib/mosquitto_dynamic_security.so",
    "0.0.0.0",  # noqa: S104
    MOSQUITTO_DATA,
)

#: server -> a script for `sh -e` as root in its own image, and the variables it reads. The dynamic-security plugin
#: changes its file while it runs, so that one is written once.
FILLS = {
    "timescaledb": (
        f'printf %s "$DATABASE_PASSWORD" > {PASSWORD_FILE}; chmod 444 {PASSWORD_FILE}',
        ("DATABASE_PASSWORD",),
    ),
    "mosquitto": (
        f"""
        cd {MOSQUITTO_DATA}
        printf %s "$MOSQUITTO_CONF" > mosquitto.conf
        umask 077
        [ -s {SECURITY_FILE} ] || {{ printf %s "$DYNAMIC_SECURITY" > unfinished && mv unfinished {SECURITY_FILE}; }}
        """,
        ("MOSQUITTO_CONF", "DYNAMIC_SECURITY"),
    ),
}
