"""The pandoc side: requests, declarations in prose, rendering."""
