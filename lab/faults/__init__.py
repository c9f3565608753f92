"""The store under faults: kills, damaged files, several processes, a full disk."""
