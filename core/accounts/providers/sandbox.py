"""Messages for a market that reaches no phone: the code is shown to whoever asks."""


class SandboxSms:
    """Sends nothing; a production start refuses it together with every other sandbox."""

    def send_code(self, phone: str, code: str) -> str:  # noqa: ARG002
        """Return the code, so that it can be typed in."""
        return code
