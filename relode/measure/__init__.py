"""Facts become scores."""
