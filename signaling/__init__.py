"""Live calls: sockets, rooms, presence. Knows no database and no medicine."""
