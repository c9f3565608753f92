"""What strangers may hand in: damaged files, hostile addresses, feeds that come and go."""
