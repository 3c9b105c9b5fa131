"""Why a local run cannot go on, in one sentence for a person."""


class CannotStart(Exception):
    """Something about this machine is in the way; the message says what, and what to do."""
