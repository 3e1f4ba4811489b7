"""The runner's own client of the embedded server: nothing of the user's own AWS set-up bends it."""

from pathlib import Path
from typing import Any

import pytest
from specimen.running.storage import connect

SERVER = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
}


def test_profiles_configuration_files_and_proxies_have_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-west-1\nmax_attempts = 77\n", encoding="utf-8")
    monkeypatch.setenv("AWS_PROFILE", "absent")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = connect(SERVER).client
    assert client.meta.endpoint_url == SERVER["AWS_ENDPOINT_URL"]
    assert client.meta.region_name == "us-east-1"
    told: Any = client.meta.config  # whose options the type stubs leave out
    assert told.proxies == {}
    assert "77" not in str(told.retries)
