"""The tables and the only road to them: a Store, and of one tenant a TenantStore."""
