"""Messages and views in Block Kit, built of our own values. Pure: no PII by construction."""
