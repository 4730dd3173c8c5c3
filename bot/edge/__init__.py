"""All contact with the world, one module or package a protocol."""
