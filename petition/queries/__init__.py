"""Reading. One file a noun; a query never writes."""
