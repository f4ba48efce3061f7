"""Pure drawing: a record goes in, a plain plotly figure (nested dicts) comes out."""
