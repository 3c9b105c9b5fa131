"""Administrative regions over time, and the programmes they belong to."""
