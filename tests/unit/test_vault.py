"""A handle resolves in the vault that issued it, and nowhere else."""

from __future__ import annotations

import asyncio

import pytest

from offmic.secrets import Kind, Secret, Vault, current_vault


@pytest.fixture
def vault() -> Vault:
    vault = Vault()
    vault.enter()
    return vault


def test_a_secret_is_known_from_birth(vault: Vault) -> None:
    secret = Secret("4821", "door code", Kind.CODE)
    assert vault.resolve(secret.handle) is secret
    assert [e.value for e in vault.entries()] == ["4821"]


def test_a_handle_of_another_vault_resolves_to_nothing(vault: Vault) -> None:
    secret = Secret("4821", "door code")
    assert Vault().resolve(secret.handle) is None


def test_two_calls_in_one_process_do_not_share_a_vault() -> None:
    async def call(value: str) -> list[str]:
        Vault().enter()
        await asyncio.sleep(0)
        Secret(value, "code")
        await asyncio.sleep(0)
        vault = current_vault()
        assert vault is not None
        return [entry.value for entry in vault.entries()]

    async def both() -> list[list[str]]:
        return list(await asyncio.gather(call("1111"), call("2222")))

    assert asyncio.run(both()) == [["1111"], ["2222"]]


@pytest.mark.parametrize("reference", ["[door code]", "[Door  Code]", "[DOOR CODE]"])
def test_a_label_in_brackets_stands_for_a_handle(vault: Vault, reference: str) -> None:
    secret = Secret("4821", "door code")
    assert vault.resolve(reference) is secret


@pytest.mark.parametrize(
    "reference", ["door code", "[gate code]", "{{secret:door-code.aaaaaaaa}}", "", "[", "[]"]
)
def test_what_was_not_issued_resolves_to_nothing(vault: Vault, reference: str) -> None:
    Secret("4821", "door code")
    assert vault.resolve(reference) is None


def test_labels_are_unique_in_a_call(vault: Vault) -> None:
    labels = [Secret(value, "door code").label for value in ("1111", "2222", "3333")]
    assert labels == ["door code", "door code 2", "door code 3"]
    found = vault.resolve("[door code 2]")
    assert found is not None
    assert found.reveal() == "2222"


def test_the_same_thing_told_again_keeps_its_label(vault: Vault) -> None:
    first, again = Secret("1111", "door code"), Secret("1111", "Door code")
    assert first.label == again.label
    assert vault.resolve("[door code]") is again


def test_a_value_is_held_once(vault: Vault) -> None:
    held = vault.hold("4111111111111111", "card number", Kind.CARD)
    assert vault.hold("4111111111111111", "something else") is held
    assert len(vault) == 1


def test_holding_works_outside_of_a_call() -> None:
    vault = Vault()
    assert vault.hold("4821", "door code").reveal() == "4821"


def test_a_forgotten_value_is_nowhere_and_what_refers_to_it_is_known(vault: Vault) -> None:
    first, again = Secret("1111", "door code"), Secret("1111", "door code")
    vault.forget("1111")
    assert vault.resolve(first.handle) is vault.resolve(again.handle) is None
    assert vault.resolve("[door code]") is None
    assert vault.entries() == ()
    assert [(gone.handle, gone.label, gone.value) for gone in vault.gone()] == [
        (first.handle, "door code", ""),
        (again.handle, "door code", ""),
    ]


def test_a_label_is_not_given_again_while_words_with_it_may_be_repeated(vault: Vault) -> None:
    Secret("1111", "door code")
    vault.forget("1111")
    assert Secret("2222", "door code").label == "door code 2"


def test_forgetting_leaves_other_values_alone(vault: Vault) -> None:
    kept = Secret("1111", "door code")
    Secret("2222", "gate code")
    vault.forget("2222")
    vault.forget("3333")
    assert [entry.handle for entry in vault.entries()] == [kept.handle]


def test_each_change_makes_a_new_version(vault: Vault) -> None:
    versions = [vault.version]
    secret = Secret("1111", "a")
    versions.append(vault.version)
    vault.forget(secret.reveal())
    versions.append(vault.version)
    vault.clear()
    versions.append(vault.version)
    assert versions == sorted(set(versions))


def test_neither_vault_nor_entries_show_a_value(vault: Vault) -> None:
    Secret("hunter22", "door code")
    assert "hunter22" not in repr(vault) + repr(vault.entries()) + repr(list(vault))
