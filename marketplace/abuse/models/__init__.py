from marketplace.abuse.models.trace import Trace

__all__ = ["Trace"]
