"""Every answer's outside: problems, headers, bounds, the page, the description. No server is needed for these."""

import asyncio
import re

import httpx
import pytest

import api.page
from api.app import create_application
from api.attempts import Attempts
from api.guards import MAX_BODY_BYTES
from api.page import content_security_policy
from pipeline.secrets import Passwords, new_token, token_sha256
from pipeline.settings import Settings


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Ask the application, whose page is built in a folder of the test's own."""
    monkeypatch.setattr(api.page, "FOLDER", tmp_path)
    application = create_application(Settings(tile_url="https://tiles.example/{z}/{x}/{y}.png"))

    def request(method, path, **values):
        async def send():
            transport = httpx.ASGITransport(application)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **values)

        return asyncio.run(send())

    return request


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/v1/nothing", 404, id="unknown path"),
        pytest.param("GET", "/nothing", 404, id="unknown file"),
        pytest.param("PUT", "/v1/devices", 405, id="method"),
        pytest.param("POST", "/v1/login", 422, id="no body"),
        pytest.param("GET", "/v1/me", 401, id="no token"),
        pytest.param("GET", "/assets/../../app.py", 404, id="outside of the folder"),
    ],
)
def test_an_error_is_a_problem(ask, method, path, status):
    answer = ask(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert "\n" not in body["detail"]


def test_a_wrong_method_is_told_the_right_ones(ask):
    assert set(ask("PUT", "/v1/login").headers["allow"].split(", ")) == {"POST"}


def test_a_body_beyond_the_bound_is_refused_announced_or_not(ask):
    async def pieces():
        for _ in range(5):
            yield b"x" * (MAX_BODY_BYTES // 4)

    assert ask("POST", "/v1/login", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
    unannounced = ask("POST", "/v1/login", content=pieces(), headers={"content-type": "application/json"})
    assert unannounced.status_code == 413
    assert unannounced.json()["status"] == 413


def test_a_validation_error_names_its_field_and_not_its_value(ask):
    answer = ask("POST", "/v1/login", json={"user": "pat", "password": ["secret-value"]})
    assert answer.json()["errors"][0]["field"] == "password"
    assert "secret-value" not in answer.text


def test_every_answer_has_security_headers_and_none_opens_other_origins(ask):
    for path in ("/v1/config", "/v1/me", "/", "/v1/docs", "/nothing"):
        headers = ask("GET", path, headers={"origin": "https://elsewhere.example"}).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_the_policy_lets_the_map_work_and_names_the_tile_server():
    policy = content_security_policy("https://tiles.example:8443/{z}/{x}/{y}.png")
    assert "worker-src 'self' blob:" in policy
    assert "connect-src 'self' https://tiles.example:8443" in policy
    assert "script-src 'self';" in policy
    assert "http" not in content_security_policy("")
    assert "'none'; script-src *" not in content_security_policy("javascript://'none'; script-src *")


def test_a_page_that_is_not_built_says_how_to_build_it(ask):
    answer = ask("GET", "/")
    assert answer.status_code == 503
    assert "npm --prefix web run build" in answer.text


def test_hashed_files_are_kept_for_ever_and_the_index_is_asked_for_again(ask, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Windhover</title>")
    (tmp_path / "assets" / "index-abc123.js").write_text("0;" * 4000)
    index, script = ask("GET", "/"), ask("GET", "/assets/index-abc123.js", headers={"accept-encoding": "gzip"})
    assert index.headers["cache-control"] == "no-cache"
    assert ask("GET", "/", headers={"if-none-match": index.headers["etag"]}).status_code == 304
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-encoding"] == "gzip"
    assert len(script.text) == 8000
    missing = ask("GET", "/assets/gone.js")
    assert (missing.status_code, missing.headers.get("cache-control")) == (404, "no-store")


def test_the_description_and_its_page_load_nothing_from_elsewhere(ask):
    document = ask("GET", "/v1/openapi.json").json()
    page = ask("GET", "/v1/docs").text
    assert document["servers"] == [{"url": "/v1"}]
    for path in document["paths"]:
        assert f"/v1{path}" in page
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert "<script" not in page


def test_every_operation_has_a_description_and_a_name_of_its_own(ask):
    document = ask("GET", "/v1/openapi.json").json()
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert all(operation["description"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_attempts_are_counted_per_key_and_forgotten_after_the_window():
    attempts = Attempts(allowed=2, window_seconds=60)
    assert [attempts.take("a", now) for now in (0, 1, 2)] == [0, 0, 58]
    assert attempts.take("b", 2) == 0
    assert attempts.take("a", 60) == 0


def test_a_right_attempt_does_not_count():
    attempts = Attempts(allowed=1, window_seconds=60)
    for now in range(5):
        assert attempts.take("a", now) == 0
        attempts.give_back("a")


def test_attempts_remember_a_bounded_number_of_keys():
    attempts = Attempts(allowed=1, window_seconds=60, keys=10)
    for number in range(100):
        attempts.take(str(number), 0)
    assert attempts.take("0", 1) == 0
    assert attempts.take("99", 1) > 0


def test_a_password_matches_its_hash_alone_and_an_unknown_user_never():
    passwords = Passwords()
    kept = passwords.hash("correct horse")
    assert kept.startswith("$argon2id$")
    assert passwords.match(kept, "correct horse")
    assert not passwords.match(kept, "correct horse ")
    assert not passwords.match(None, "correct horse")
    assert not passwords.match("no hash", "correct horse")


def test_tokens_differ_and_only_their_hash_is_32_bytes():
    first, second = new_token(), new_token()
    assert first != second
    assert len(token_sha256(first)) == 32
    assert token_sha256("\ud800")
