"""Pages that people look at in a browser, made of runs' files; see README.md."""
