"""Secrets in DJI messages never leave `normalize`: keys, passwords and tokens are blanked in what goes into events."""

import re
from typing import Any

BLANK = "***"

_SECRET_KEYS = frozenset(
    {
        "device_secret", "nonce", "secret_code", "app_key", "app_license", "access_key_id", "access_key_secret",
        "security_token", "password", "token", "agentPassword", "device_binding_code", "verification_code",
    }
)  # fmt: skip
_SECRET_IN_URL = re.compile(
    r"((?:^|[?&])(?:token|agentPassword|password|signature|OSSAccessKeyId|x-auth-token)=)[^&]*", re.IGNORECASE
)
_USER_IN_URL = re.compile(r"(://[^/@\s:]*:)[^/@\s]*@")


def blank_secrets(value: Any) -> Any:
    """The JSON value with every secret replaced by `***`."""
    if isinstance(value, dict):
        return {key: BLANK if key in _SECRET_KEYS else blank_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [blank_secrets(item) for item in value]
    if isinstance(value, str) and "=" in value:
        value = _SECRET_IN_URL.sub(rf"\g<1>{BLANK}", value)
    return _USER_IN_URL.sub(rf"\g<1>{BLANK}@", value) if isinstance(value, str) and "://" in value else value
