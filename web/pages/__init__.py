"""Pages: one module per place. A handler reads the form, does one act, renders."""
