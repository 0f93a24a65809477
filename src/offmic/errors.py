"""The one family of exceptions; a message never quotes a value that may be secret."""


class OffmicError(Exception):
    """Something the user can mend: the message says what is wrong, what is allowed and how."""


class SettingError(OffmicError):
    """A setting is missing or wrong; the message names the setting, never a key's value."""


class SecretsFileError(OffmicError):
    """The file of secrets cannot be used; the message names the file and table, never a value."""


class MissingPartError(OffmicError):
    """A package, model file or program is missing; the message holds the command that adds it."""


class ServerUnreachableError(OffmicError):
    """Nothing answers at the SFU's address."""


class ServerRefusedError(OffmicError):
    """What answers there is no LiveKit server, or it does not take the keys."""


class UnguardedModelError(OffmicError):
    """A model would hear the caller past the guard."""
