"""Lists of the admin that stay quick however long they are, and records that nobody edits."""
