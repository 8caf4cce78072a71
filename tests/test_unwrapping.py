"""What looks for planted secrets finds them in their wrappings."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode, urlsafe_b64encode

from .unwrapping import unwrapped

SECRET = b"sk-planted-7Yq2mVx9Lr4"


def test_secret_is_found_in_base64_json_and_gzip() -> None:
    task = b64encode(json.dumps([[], {"key": SECRET.decode()}]).encode()).decode()
    message = json.dumps({"body": task, "headers": {}}).encode()
    packed = b64encode(gzip.compress(SECRET))
    for wrapped in (SECRET, task.encode(), message, packed, urlsafe_b64encode(message)):
        assert SECRET in unwrapped(b"SET x " + wrapped + b' "')
    assert SECRET not in unwrapped(b64encode(b"something else altogether"))
