"""What Propernoun does for people, one verb a file; nothing here knows a terminal or HTTP."""
