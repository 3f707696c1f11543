"""What the company knows of its customers: the database, its import, facts as sentences."""
