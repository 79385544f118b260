"""What comes in and goes out as files: content packs, their publication, fixtures, export."""
