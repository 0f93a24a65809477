"""Why an audit could not be run; such an error says nothing of the agent."""

from offmic.errors import OffmicError


class AuditError(OffmicError):
    """The audit could not be run: the message says what is missing."""


class AgentClassError(OffmicError):
    """`--agent` names nothing that can be audited."""
