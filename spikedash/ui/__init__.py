"""The page: layout and callbacks, one file per part, each with layout() and register()."""
