"""Charts of the pages, all by Altair."""

from tiermix.core.libraries import without

# Altair checks its charts with jsonschema, which prepares a grammar of internet addresses where
# JupyterLab brought it: more than a second, for formats that no chart has.
with without("rfc3987_syntax"):
    import altair as altair
