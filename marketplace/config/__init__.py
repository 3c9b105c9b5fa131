"""The roof: settings, addresses and processes. Nothing imports it; it names the apps by string."""
