"""People, how they sign in, where they live, and what they may do."""
