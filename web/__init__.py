"""What people see: pages, forms, logins, texts, scripts."""
