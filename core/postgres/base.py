"""Django's own backend, without asking the server before each request whether it is there."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is looked at instead of tried out.

    A server that went away has hung up: its end of the line can be read from. So a look at the
    socket tells what a question would, without its round trip (`docs/benchmarks.md`).
    """

    def get_connection_params(self) -> dict[str, Any]:
        """Return Django's parameters, with every whole number sent as the same type.

        By itself the driver sends the smallest type that fits, so one statement would be planned
        once for each mixture of small and large numbers.
        """
        params = super().get_connection_params()
        adapters = params["context"].adapters
        for dumper in (Int8Dumper, Int8BinaryDumper):
            adapters.register_dumper(int, dumper)
        return params

    def is_usable(self) -> bool:
        """Tell whether the other end is on the line, and listens: not after a failed statement."""
        connection = self.connection
        if connection is None or _has_hung_up(connection):
            return False
        return bool(connection.info.transaction_status != TransactionStatus.INERROR)


def _has_hung_up(connection: Any) -> bool:
    """Tell whether a server said goodbye while nobody listened: at rest it has nothing to say."""
    if connection.closed:
        return True
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN | select.POLLHUP)
    return bool(line.poll(0))
