"""A whole day on the market, driven from outside over HTTP: see `docs/adr/0003`."""
