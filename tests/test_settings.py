"""Settings: read from SCRT_* variables, every mistake said at once, every one of them in the README."""

import re
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner
from pydantic import ValidationError

from scrt_workflow.cli import scrt
from scrt_workflow.commands.settings import BEGIN, END, with_settings
from scrt_workflow.safety import read_safe_settings
from scrt_workflow.settings import Settings, SettingsError, read_settings, settings_table, shipped, variable

README = Path(__file__).parent.parent / "README.md"


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "SCRT_INSTANCE": str(tmp_path),
        "SCRT_PORT": "8080",
        "SCRT_TRUSTED_HOSTS": "a.nhs.uk, b.nhs.uk",
        "SCRT_DEMO": "yes",
        "SCRT_DEMO_NOW": "2024-11-02T10:30",
        "SCRT_MAIL_HOST": "",
    }.items():
        monkeypatch.setenv(name, value)

    settings = read_settings()

    assert settings.port == 8080
    assert settings.trusted_hosts == ("a.nhs.uk", "b.nhs.uk")
    assert settings.demo
    assert settings.demo_now.isoformat() == "2024-11-02T10:30:00"
    assert settings.mail_host == ""
    assert settings.database == f"sqlite:///{tmp_path}/scrt.sqlite"


def test_every_mistake_in_the_settings_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRT_PORT", "70000")
    monkeypatch.setenv("SCRT_MAIL_TLS", "perhaps")
    monkeypatch.setenv("SCRT_TRUSTED_HOST", "a.nhs.uk")

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert [sentence.split(":")[0] for sentence in caught.value.sentences] == [
        "SCRT_TRUSTED_HOST",
        "SCRT_PORT",
        "SCRT_MAIL_TLS",
    ]
    assert "did you mean SCRT_TRUSTED_HOSTS?" in caught.value.sentences[0]


def test_settings_cannot_be_changed_while_the_service_runs(settings: Settings) -> None:
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]  # that is what is refused


def test_secrets_do_not_show_when_settings_are_printed(settings: Settings) -> None:
    printed = repr(settings.model_copy(update={"database_url": "postgresql://app:k3Jx9s@localhost/scrt"}))

    assert settings.secret_key.get_secret_value() not in printed
    assert "k3Jx9s" not in printed


def test_the_demo_needs_no_address_and_no_hosts_of_its_own() -> None:
    assert Settings(demo=True, port=8080).address == "http://127.0.0.1:8080"
    assert Settings(demo=True).hosts == ("127.0.0.1", "localhost")
    assert Settings().hosts == ()


def test_the_service_does_not_start_with_unsafe_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="SCRT_SECRET_KEY"):
        read_safe_settings()

    monkeypatch.setenv("SCRT_DEMO", "yes")
    assert read_safe_settings().demo


@pytest.mark.parametrize("folder", ["forms", "migrations", "templates", "workflows"])
def test_the_folders_of_the_product_are_found(folder: str) -> None:
    assert shipped(folder).is_dir()


def test_a_folder_that_is_not_shipped_is_an_error() -> None:
    with pytest.raises(FileNotFoundError, match="no folder 'nowhere'"):
        shipped("nowhere")


def test_every_setting_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")

    missing = [variable(name) for name in Settings.model_fields if f"`{variable(name)}`" not in text]
    assert not missing, "run `make format`, which writes the settings into README.md"
    assert with_settings(text) == text, "the README's table of settings is out of date: run `make format`"


def test_every_setting_says_in_one_sentence_what_it_does() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, f"{name} has no sentence below it"
        assert field.description.endswith("."), f"{name}: {field.description}"
        assert "\n" not in field.description, name


def test_the_settings_verb_shows_values_but_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRT_SECRET_KEY", "k7Jq2vXw9R")
    monkeypatch.setenv("SCRT_DATABASE_URL", "postgresql://app:k3Jx9s@localhost/scrt")

    output = CliRunner().invoke(scrt, ["settings"]).output

    assert "SCRT_PORT=8000" in output
    assert "Unsafe: SCRT_SECRET_KEY: it has 10 characters" in output
    assert "k7Jq2vXw9R" not in output
    assert "k3Jx9s" not in output


def test_the_settings_verb_writes_the_table_between_its_markers(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"# Title\n{BEGIN}\nold\n{END}\nThe end.\n")

    assert CliRunner().invoke(scrt, ["settings", "--into", str(readme)]).exit_code == 0

    assert readme.read_text() == f"# Title\n{BEGIN}\n\n{settings_table()}\n\n{END}\nThe end.\n"


def test_a_mistyped_setting_is_said_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRT_PROT", "80")

    result = CliRunner().invoke(scrt, ["settings"])

    assert result.exit_code == 1
    assert "SCRT_PROT: there is no such setting (did you mean SCRT_PORT?)." in result.output


def test_each_verb_says_what_it_does_in_the_help() -> None:
    shown = " ".join(CliRunner().invoke(scrt, ["--help"]).output.partition("Commands:")[2].split())
    verbs = scrt.list_commands(Context(scrt))

    for verb in verbs:
        assert re.search(rf"\b{verb} [A-Z][^.]+\.", shown), f"the docstring of commands/{verb}.py begins with its sentence"
    assert "settings" in verbs


def test_a_verb_that_does_not_exist_is_refused() -> None:
    result = CliRunner().invoke(scrt, ["sing"])

    assert result.exit_code == 2
    assert "No such command 'sing'" in result.output
