"""Files, written atomically, with checksums and logs, and how settings are written. Knows nothing of other rooms."""
