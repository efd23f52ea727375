"""Pictures in, calibrated tags out. Knows no host, no SQL and no HTTP; can be used alone, as a library."""
