"""What each of pandoc's writers gets: folded steps, increments, text in columns, or a block."""
