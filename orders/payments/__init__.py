"""Taking money, giving it back, and closing what was never paid."""
