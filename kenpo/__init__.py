"""The office: settings, the admin site and the month."""
