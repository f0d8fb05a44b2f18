"""The roof: settings, the app, the command line. Nobody imports it."""
