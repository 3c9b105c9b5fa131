"""What it costs to send something somewhere."""
