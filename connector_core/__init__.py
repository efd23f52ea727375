"""Tenants, connections and the way of one photo. Knows hosts only through the Connector protocol and the manifests."""
