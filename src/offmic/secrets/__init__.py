"""Secrets by reference: the value type, the vault of one call, and where values come from."""

from offmic.secrets.secret import Kind, Secret
from offmic.secrets.vault import Vault, VaultEntry, current_vault

__all__ = ["Kind", "Secret", "Vault", "VaultEntry", "current_vault"]
